/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "base/names.h"

static void test_replies_to_questions(void **state)
{
    static const struct {
        const char *name;
        bool folder;
        enum gh_name_reply reply;
        int64_t question;
    } cases[] = {
        {"answer 12.txt", false, GH_NAME_ANSWER, 12},
        {"answer12.txt", false, GH_NAME_ANSWER, 12},
        {"Answer 12 .TXT", false, GH_NAME_ANSWER, 12},
        {" ANSWER  -  12.docx", false, GH_NAME_ANSWER, 12},
        {"answer_12.txt", false, GH_NAME_ANSWER, 12},
        {"Answer to question no. 12.txt", false, GH_NAME_ANSWER, 12},
        {"answer #12.txt", false, GH_NAME_ANSWER, 12},
        {"answer 12 (2).txt", false, GH_NAME_ANSWER, 12},
        {"answer 12 - Copy.txt", false, GH_NAME_ANSWER, 12},
        {"answer 12 - Copy (3).txt", false, GH_NAME_ANSWER, 12},
        {"answer 0012.txt", false, GH_NAME_ANSWER, 12},
        {"answer ১২.txt", false, GH_NAME_ANSWER, 12},
        {"উত্তর ১২.txt", false, GH_NAME_ANSWER, 12},
        {"উত্তর 12.docx", false, GH_NAME_ANSWER, 12},
        {"উত্তর১২.txt", false, GH_NAME_ANSWER, 12},
        {"উওর ১২.txt", false, GH_NAME_ANSWER, 12},
        {"জবাব নং ১২.txt", false, GH_NAME_ANSWER, 12},
        {"উত্তর প্রশ্ন ১২.txt", false, GH_NAME_ANSWER, 12},
        {"उत्तर १२.txt", false, GH_NAME_ANSWER, 12},
        {"जवाब 12.txt", false, GH_NAME_ANSWER, 12},
        {"more time 12.txt", false, GH_NAME_MORE_TIME, 12},
        {"MoreTime12.txt", false, GH_NAME_MORE_TIME, 12},
        {"more-time 12.docx", false, GH_NAME_MORE_TIME, 12},
        {"আরও সময় ১২.txt", false, GH_NAME_MORE_TIME, 12},
        /* য় as two letters, which some keyboards write, and the other spelling */
        {"আরও সম\xe0\xa6\xaf\xe0\xa6\xbc ১২.txt", false, GH_NAME_MORE_TIME, 12},
        {"আরও সম\xe0\xa7\x9f ১২.txt", false, GH_NAME_MORE_TIME, 12},
        {"আরো সময় ১২.txt", false, GH_NAME_MORE_TIME, 12},
        {"और समय १२.txt", false, GH_NAME_MORE_TIME, 12},
        {"answer 12", true, GH_NAME_ANSWER, 12},
        {"উত্তর ১২!", true, GH_NAME_ANSWER, 12},
        {"answer 12.txt", true, GH_NAME_NO_REPLY, 0}, /* a folder of that name is none */
        {"answer 12", false, GH_NAME_NO_REPLY, 0},
        {"answer 12.jpg", false, GH_NAME_NO_REPLY, 0},
        {"answer.txt", false, GH_NAME_NO_REPLY, 0},
        {"answer 0.txt", false, GH_NAME_NO_REPLY, 0},
        {"answer x.txt", false, GH_NAME_NO_REPLY, 0},
        {"answer 12 roads.txt", false, GH_NAME_NO_REPLY, 0},
        {"answer 12-13.txt", false, GH_NAME_NO_REPLY, 0},
        {"answer 99999999999999999999.txt", false, GH_NAME_NO_REPLY, 0},
        {"my answer 12.txt", false, GH_NAME_NO_REPLY, 0},
        {"উত্তর ১২ নং ওয়ার্ড.txt", false, GH_NAME_NO_REPLY, 0}, /* in the north */
        {"উত্তর কলকাতা ১২.txt", false, GH_NAME_NO_REPLY, 0},
        {"উত্তর ১২ (দমদম).txt", false, GH_NAME_NO_REPLY, 0},
        {"\xff\xfe"
         "answer 12.txt",
         false, GH_NAME_NO_REPLY, 0},
        {"", false, GH_NAME_NO_REPLY, 0},
    };
    (void)state;
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        int64_t question = 0;
        enum gh_name_reply is = gh_name_reply(cases[i].name, cases[i].folder, &question);
        if (is != cases[i].reply || (is && question != cases[i].question))
            fail_msg("%s: %d, question %d", cases[i].name, (int)is, (int)question);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_replies_to_questions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
