/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The note of what is of no kind that is taken says until when it is kept. */
#include "tests/unit/test.h"

#include "base/speak.h"
#include "base/words.h"
#include "daemon/publish/notes.h"

#include <string.h>

#define WEEK_MS (7 * 86400000ll)

static void what_is_deleted_soon_says_when(void **state)
{
    (void)state;
    static const struct {
        const char *reason;
        int64_t keep_ms;
        bool told;
    } rows[] = {
        {"unsupported type: this is a ZIP archive", WEEK_MS, true},
        {"unsupported type: this is a ZIP archive", 0, false}, /* for ever */
        {"damaged: the file ends half-way", WEEK_MS, false},
    };
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        GH_AUTO_STR s = {0};
        GH_AUTO_STR day = {0};
        struct gh_file f = {.id = 1,
                            .name = (char *)"a.zip",
                            .name_len = 5,
                            .work = GH_WORK_BAD,
                            .reason = (char *)rows[i].reason};
        struct gh_item item = {.sub = {.id = 120,
                                       .state = GH_SUB_QUARANTINED,
                                       .name = (char *)"a.zip",
                                       .name_len = 5,
                                       .dropped_ms = 1790000000000},
                               .files = &f,
                               .n_files = 1};
        const struct gh_note_about about = {.left_ms = -1, .keep_unsupported_ms = rows[i].keep_ms};
        gh_note_text(&item, &about, &s);
        gh_speak(&day, gh_words_at(0), GH_SPEAK_STAMP, item.sub.dropped_ms + WEEK_MS, 0);
        const char *line = strstr(s.data, "Your original is deleted after: ");
        if (!!line != rows[i].told || (line && !strstr(line, gh_str_text(&day))))
            fail_msg("row %zu: %s", i, s.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_deleted_soon_says_when)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
