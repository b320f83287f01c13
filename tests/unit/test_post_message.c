/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ghat-post makes of a letter: a mail whose headers nothing can add to, a webhook's body and
 * signature; and what the words of servers mean. */
#include "post/carry.h"
#include "post/post.h"
#include "post/walls.h"

#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const struct gh_parcel parcel = {.to = "rina@example.org",
                                        .language = "bn",
                                        .hash = HASH,
                                        .subject = "3 items wait",
                                        .text = "one\ntwo\n",
                                        .notice = "{\"kind\":\"waits\"}",
                                        .now_ms = 1795964093634};

/* The lines of the headers alone. */
static unsigned headers_of(const struct gh_str *mail)
{
    const char *end = strstr(mail->data, "\r\n\r\n");
    unsigned n = 0;
    assert_non_null(end);
    for (const char *at = mail->data; at < end; at = strchr(at, '\n') + 1) {
        const char *line = strchr(at, '\n');
        assert_true(line[-1] == '\r' && line - at <= 998);
        for (const char *c = at; c < line - 1; c++)
            assert_true(*c >= ' ' && *c <= '~');
        n += *at != ' ';
    }
    return n;
}

static void a_mail_has_its_headers_and_no_others(void **state)
{
    GH_AUTO_STR plain = {0};
    (void)state;
    assert_int_equal(gh_message_write(&plain, "ghat@example.org", &parcel, NULL), 0);
    unsigned n = headers_of(&plain);
    assert_non_null(strstr(plain.data, "Subject: 3 items wait\r\n"));
    assert_non_null(strstr(
        plain.data, "Message-ID: <00112233445566778899aabbccddeeff00112233@example.org>\r\n"));
    assert_non_null(strstr(plain.data, "\r\n\r\nb25lDQp0d28NCg==\r\n"));
    static const char *const subjects[] = {"a\r\nBcc: x@y.org", "a\nb", "প্রশ্ন ১২",
                                           "=?UTF-8?Q?x?=",     "\x01", "\xff\xfe not UTF-8"};
    for (size_t i = 0; i < GH_LEN(subjects); i++) {
        GH_AUTO_STR mail = {0};
        struct gh_parcel p = parcel;
        p.subject = subjects[i];
        assert_int_equal(gh_message_write(&mail, "ghat@example.org", &p, NULL), 0);
        assert_int_equal(headers_of(&mail), n);
        assert_null(strstr(mail.data, "Bcc"));
    }
}

static void a_long_subject_is_cut_between_characters(void **state)
{
    GH_AUTO_STR mail = {0}, subject = {0};
    struct gh_parcel p = parcel;
    (void)state;
    for (int i = 0; i < 40; i++)
        gh_str_puts(&subject, "ক্ষ ");
    p.subject = subject.data;
    assert_int_equal(gh_message_write(&mail, "ghat@example.org", &p, NULL), 0);
    headers_of(&mail);
    const char *word = mail.data;
    unsigned words = 0;
    for (; (word = strstr(word, "=?UTF-8?B?")); words++, word++)
        assert_true(strstr(word, "?=") - word < 75);
    assert_true(words > 8);
}

static void what_is_no_address_is_not_written(void **state)
{
    GH_AUTO_STR mail = {0};
    struct gh_parcel p = parcel;
    struct gh_err err = {0};
    (void)state;
    p.to = "a@b>\r\nRCPT TO:<c@d";
    assert_int_equal(gh_message_write(&mail, "ghat@example.org", &p, &err), -GH_LIMIT);
    p = parcel;
    p.language = "bn\r\nBcc: x";
    assert_int_equal(gh_message_write(&mail, "ghat@example.org", &p, &err), -GH_LIMIT);
    p = parcel;
    p.hash = "12";
    assert_int_equal(gh_message_write(&mail, "ghat@example.org", &p, &err), -GH_LIMIT);
    assert_int_equal(mail.len, 0);
}

/* RFC 4231, test cases 1, 2 and 6. */
static void hmac_is_that_of_the_rfc(void **state)
{
    unsigned char key[131];
    char hex[GH_SHA_HEX];
    (void)state;
    memset(key, 0x0b, 20);
    gh_hash_hmac(key, 20, "Hi There", 8, hex);
    assert_string_equal(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    gh_hash_hmac("Jefe", 4, "what do ya want for nothing?", 28, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, 131);
    gh_hash_hmac(key, 131, "Test Using Larger Than Block-Size Key - Hash Key First", 54, hex);
    assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void a_webhook_is_told_and_signed(void **state)
{
    GH_AUTO_STR body = {0}, signature = {0};
    struct gh_post_settings s = {.key = (char *)"0123456789abcdef", .key_len = 16};
    char hex[GH_SHA_HEX];
    (void)state;
    gh_hook_body(&body, &s, &parcel);
    assert_string_equal(body.data, "{\"id\":\"" HASH "\",\"time\":1795964093,\"language\":\"bn\","
                                   "\"text\":\"3 items wait\",\"notice\":{\"kind\":\"waits\"}}");
    gh_hook_sign(&signature, &s, 7, &body);
    GH_AUTO_FREE char *all = gh_asprintf("7.%s", body.data);
    gh_hash_hmac(s.key, s.key_len, all, strlen(all), hex);
    assert_string_equal(signature.data + 7, hex);
}

static void a_template_is_filled_and_escaped(void **state)
{
    GH_AUTO_STR json = {0}, form = {0};
    struct gh_parcel p = parcel;
    struct gh_post_settings s = {
        .body = (char *)"{\"to\":\"{{to}}\",\"m\":\"{{text}}\",\"x\":\"{{y}}\"}",
        .body_json = true};
    (void)state;
    p.to = "+91 33";
    p.subject = "a \"b\"\n{{to}}";
    gh_hook_body(&json, &s, &p);
    assert_string_equal(json.data,
                        "{\"to\":\"+91 33\",\"m\":\"a \\\"b\\\"\\n{{to}}\",\"x\":\"{{y}}\"}");
    s = (struct gh_post_settings){.body = (char *)"to={{to}}&text={{text}}&t={{time}}"};
    gh_hook_body(&form, &s, &p);
    assert_string_equal(form.data, "to=%2B91%2033&text=a%20%22b%22%0A%7B%7Bto%7D%7D&t=1795964093");
}

static void servers_are_understood(void **state)
{
    static const struct {
        bool failed, command, offered;
        long code;
        enum gh_outcome is;
    } smtp[] = {
        {false, false, true, 250, GH_OUTCOME_SENT},
        {true, true, false, 550, GH_OUTCOME_FAILED}, /* no such address */
        {true, true, false, 451, GH_OUTCOME_AGAIN},  /* greylisted */
        {true, false, true, 554, GH_OUTCOME_FAILED}, /* the message is refused */
        {true, false, true, 452, GH_OUTCOME_AGAIN},
        {true, false, false, 554, GH_OUTCOME_AGAIN}, /* in the greeting: about the server */
        {true, false, false, 535, GH_OUTCOME_AGAIN}, /* the login */
        {true, false, false, 0, GH_OUTCOME_AGAIN},   /* nobody there */
        {true, false, true, 354, GH_OUTCOME_AGAIN},  /* it died with the message */
    };
    static const struct {
        bool failed;
        long code;
        enum gh_outcome is;
    } http[] = {{false, 200, GH_OUTCOME_SENT},   {false, 204, GH_OUTCOME_SENT},
                {true, 200, GH_OUTCOME_SENT},    {true, 0, GH_OUTCOME_AGAIN},
                {false, 302, GH_OUTCOME_FAILED}, {false, 400, GH_OUTCOME_FAILED},
                {false, 410, GH_OUTCOME_FAILED}, {false, 429, GH_OUTCOME_AGAIN},
                {false, 503, GH_OUTCOME_AGAIN},  {false, 408, GH_OUTCOME_AGAIN}};
    (void)state;
    for (size_t i = 0; i < GH_LEN(smtp); i++)
        assert_int_equal(
            gh_smtp_outcome(smtp[i].failed, smtp[i].command, smtp[i].offered, smtp[i].code),
            smtp[i].is);
    for (size_t i = 0; i < GH_LEN(http); i++)
        assert_int_equal(gh_http_outcome(http[i].failed, http[i].code), http[i].is);
}

/* However long ghatd is away: else it is sent again when the lease is over. */
static void what_was_sent_is_said_until_it_is_heard(void **state)
{
    (void)state;
    const int64_t day = (int64_t)24 * 3600 * 1000;
    assert_false(gh_carrier_gives_up(GH_OUTCOME_SENT, GH_SYSTEM, day));
    assert_true(gh_carrier_gives_up(GH_OUTCOME_AGAIN, GH_SYSTEM, day));
    assert_false(gh_carrier_gives_up(GH_OUTCOME_AGAIN, GH_SYSTEM, 60000));
    assert_true(gh_carrier_gives_up(GH_OUTCOME_SENT, GH_LIMIT, 0));
}

static void put_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void a_file_that_was_replaced_is_noticed(void **state)
{
    (void)state;
    struct gh_post_file files[GH_POST_FILES];
    char ca[400], other[400];
    const char *tmp = getenv("TMPDIR");
    GH_FORMAT(ca, "%s/ca.pem", tmp ? tmp : "/tmp");
    GH_FORMAT(other, "%s/ca.new", tmp ? tmp : "/tmp");
    unlink(ca);
    size_t n = gh_post_files_note(ca, files);
    assert_null(gh_post_files_replaced(files, n));
    put_file(ca, "one");
    assert_string_equal(gh_post_files_replaced(files, n), ca); /* it has come */
    n = gh_post_files_note(ca, files);
    put_file(ca, "written in place");
    assert_null(gh_post_files_replaced(files, n));
    put_file(other, "two");
    assert_int_equal(rename(other, ca), 0);
    assert_string_equal(gh_post_files_replaced(files, n), ca);
    unlink(ca);
    assert_null(gh_post_files_replaced(files, n)); /* a new one is about to come */
    assert_true(gh_post_files_note(NULL, files) == n - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mail_has_its_headers_and_no_others),
        cmocka_unit_test(a_long_subject_is_cut_between_characters),
        cmocka_unit_test(what_is_no_address_is_not_written),
        cmocka_unit_test(hmac_is_that_of_the_rfc),
        cmocka_unit_test(a_webhook_is_told_and_signed),
        cmocka_unit_test(a_template_is_filled_and_escaped),
        cmocka_unit_test(servers_are_understood),
        cmocka_unit_test(what_was_sent_is_said_until_it_is_heard),
        cmocka_unit_test(a_file_that_was_replaced_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
