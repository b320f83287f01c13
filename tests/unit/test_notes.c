/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes: every case has words in both languages, names are cut on a character, and nothing an officer puts in the way
 * is followed. */
#include "daemon/notes.h"
#include "daemon/notes_text.h"

#include "base/file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define BN "অবস্থা: "

/* An item without a ledger: one file, up to three renditions. */
struct made {
    struct gh_item item;
    struct gh_file file;
    struct gh_rendition r[3];
    int64_t left_ms;
};

static void make(struct made *m, enum gh_sub_state state, const char *name, size_t n, enum gh_ren_state a,
                 enum gh_ren_state b)
{
    *m = (struct made){.left_ms = -1,
                       .item = {.sub = {.id = 120,
                                        .state = state,
                                        .name = (char *)name,
                                        .name_len = strlen(name),
                                        .dropped_ms = 1790000000000}}};
    strcpy(m->item.sub.department, "roads");
    m->file = (struct gh_file){.id = 1, .name = (char *)name, .name_len = strlen(name)};
    m->item.files = &m->file;
    m->item.n_files = 1;
    m->item.renditions = m->r;
    m->item.n_renditions = n;
    strcpy(m->r[0].placement, "aa.photo");
    strcpy(m->r[1].placement, "bb.photo");
    m->r[0].state = a;
    m->r[1].state = b;
}

static char *note(const struct made *m)
{
    GH_AUTO_STR s = {0};
    const struct gh_note_about about = {.now_ms = 1790000000000, .left_ms = m->left_ms};
    gh_note_text(&m->item, &about, &s);
    assert_true(gh_utf8_valid(s.data, s.len));
    return gh_steal(&s.data);
}

static void every_word_exists_in_both_languages(void **state)
{
    (void)state;
    for (unsigned c = 0; c < GH_CASES; c++)
        for (unsigned l = 0; l < GH_LANGS; l++) {
            assert_true(gh_case_words[c][l].head && *gh_case_words[c][l].head);
            assert_true(gh_case_words[c][l].what && *gh_case_words[c][l].what);
            assert_non_null(gh_case_words[c][l].act);
            assert_true(gh_utf8_valid(gh_case_words[c][l].what, strlen(gh_case_words[c][l].what)));
        }
    for (unsigned i = 0; i < GH_LABELS; i++)
        assert_true(gh_label_words[i][0] && gh_label_words[i][1]);
    for (unsigned i = 0; i < GH_REN_STATES_N; i++)
        assert_true(gh_ren_words[i][0] && gh_ren_words[i][1]);
    for (const struct gh_reason_words *r = gh_reasons; r->piece; r++)
        assert_true(r->say[0] && r->say[1]);
}

static void each_state_says_its_own(void **state)
{
    (void)state;
    static const struct {
        enum gh_sub_state sub;
        enum gh_ren_state a, b;
        const char *en, *bn;
    } rows[] = {
        {GH_SUB_RECEIVED, GH_REN_DUE, GH_REN_DUE, "State: received", BN "গৃহীত হয়েছে"},
        {GH_SUB_RENDERING, GH_REN_RUNNING, GH_REN_DUE, "State: being made", BN "তৈরি হচ্ছে"},
        {GH_SUB_STAGED, GH_REN_STAGED, GH_REN_SKIPPED, "State: waiting for approval", BN "অনুমোদনের অপেক্ষায়"},
        {GH_SUB_STAGED, GH_REN_HELD, GH_REN_HELD, "State: on hold", BN "স্থগিত রাখা হয়েছে"},
        {GH_SUB_DECIDED, GH_REN_APPROVED, GH_REN_PUBLISHED, "State: approved", BN "অনুমোদিত"},
        {GH_SUB_DECIDED, GH_REN_PUBLISHED, GH_REN_PUBLISHED, "State: approved and ready for the agency",
         BN "অনুমোদিত, এজেন্সির"},
        {GH_SUB_DECIDED, GH_REN_PUBLISHED, GH_REN_REJECTED, "State: decided", BN "সিদ্ধান্ত হয়েছে"},
        {GH_SUB_DECIDED, GH_REN_REJECTED, GH_REN_REJECTED, "State: rejected", BN "প্রত্যাখ্যাত"},
        {GH_SUB_DECIDED, GH_REN_WITHDRAWN, GH_REN_WITHDRAWN, "State: withdrawn", BN "প্রত্যাহার করা হয়েছে"},
        {GH_SUB_DELIVERED, GH_REN_COLLECTED, GH_REN_COLLECTED, "State: collected by the agency",
         BN "এজেন্সি সংগ্রহ করেছে"},
        {GH_SUB_DUPLICATE, GH_REN_DUE, GH_REN_DUE, "State: already received", BN "আগেই পাওয়া গেছে"},
        {GH_SUB_ARRIVING, GH_REN_DUE, GH_REN_DUE, "State: arriving", BN "ফাইল আসছে"},
        {GH_SUB_QUARANTINED, GH_REN_FAILED, GH_REN_FAILED, "State: could not be used", BN "ব্যবহার করা যায়নি"},
    };
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        struct made m;
        make(&m, rows[i].sub, "a.jpg", 2, rows[i].a, rows[i].b);
        GH_AUTO_FREE char *text = note(&m);
        if (!strstr(text, rows[i].en) || !strstr(text, rows[i].bn))
            fail_msg("row %zu: %s", i, text);
        assert_true(strstr(text, rows[i].bn) < strstr(text, rows[i].en)); /* Bengali first */
    }
}

static void what_waits_says_for_how_long(void **state)
{
    (void)state;
    static const struct {
        enum gh_sub_state sub;
        int64_t left_ms;
        const char *en, *bn; /* NULL: nothing is said */
    } rows[] = {
        {GH_SUB_RECEIVED, 290 * 1000, "about 5 minutes, until about ", "প্রায় ৫ মিনিট, আনুমানিক সময় "},
        {GH_SUB_RENDERING, 0, "about 1 minute, until about ", "প্রায় ১ মিনিট, আনুমানিক সময় "},
        {GH_SUB_RENDERING, 5 * 3600 * 1000, "about 5 hours, until about ", "প্রায় ৫ ঘণ্টা, আনুমানিক সময় "},
        {GH_SUB_RECEIVED, -1, NULL, NULL},
        {GH_SUB_STAGED, 290 * 1000, NULL, NULL},
    };
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        struct made m;
        make(&m, rows[i].sub, "a.jpg", 2, GH_REN_DUE, GH_REN_DUE);
        m.left_ms = rows[i].left_ms;
        GH_AUTO_FREE char *text = note(&m);
        if (!rows[i].en && (strstr(text, "about") || strstr(text, "প্রায়")))
            fail_msg("row %zu: %s", i, text);
        if (rows[i].en && (!strstr(text, rows[i].en) || !strstr(text, rows[i].bn)))
            fail_msg("row %zu: %s", i, text);
    }
}

static void reasons_are_told_in_plain_words(void **state)
{
    (void)state;
    struct made m;
    make(&m, GH_SUB_QUARANTINED, "a.jpg", 0, 0, 0);
    m.item.sub.reason = (char *)"VipsJpeg: premature end of JPEG image (truncated)";
    GH_AUTO_FREE char *cut = note(&m);
    assert_non_null(strstr(cut, "Please send it again."));
    assert_non_null(strstr(cut, "ফাইলটি অসম্পূর্ণ"));
    assert_non_null(strstr(cut, "premature end of JPEG image"));
    make(&m, GH_SUB_DECIDED, "a.jpg", 2, GH_REN_REJECTED, GH_REN_REJECTED);
    m.r[0].reason = m.r[1].reason = (char *)"the Mayor's name\nis misspelt";
    GH_AUTO_FREE char *no = note(&m);
    const char *first = strstr(no, "The authority's reason: the Mayor's name");
    assert_non_null(first);
    assert_null(strstr(first + 1, "The authority's reason")); /* once, not for each place */
    assert_non_null(strstr(no, "কর্তৃপক্ষের কারণ: the Mayor's name"));
    make(&m, GH_SUB_STAGED, "a.mp4", 2, GH_REN_STAGED, GH_REN_SKIPPED);
    m.r[1].reason = (char *)"2.1 s is shorter than 3 s";
    GH_AUTO_FREE char *some = note(&m);
    assert_non_null(strstr(some, "bb.photo: The video is too short for it. (2.1 s is shorter than 3 s)"));
    assert_non_null(strstr(some, "aa.photo: waiting for approval"));
}

static void what_is_wrong_with_a_file_is_told_once(void **state)
{
    (void)state;
    struct made m;
    make(&m, GH_SUB_STAGED, "puja", 2, GH_REN_STAGED, GH_REN_FAILED);
    m.item.sub.kind = GH_KIND_FOLDER;
    m.item.sub.caption = (char *)"one\ntwo\n";
    struct gh_file files[2] = {
        {.id = 1, .name = (char *)"good.jpg", .name_len = 8, .work = GH_WORK_DONE},
        {.id = 2, .name = (char *)"bad.jpg", .name_len = 7, .work = GH_WORK_BAD, .reason = (char *)"damaged picture"}};
    m.item.files = files;
    m.item.n_files = 2;
    m.r[0].file = 1;
    m.r[1].file = 2;
    m.r[1].reason = (char *)"damaged picture";
    GH_AUTO_FREE char *text = note(&m);
    assert_null(strstr(text, "Not possible for"));
    assert_non_null(strstr(text, "bad.jpg: The file is damaged."));
    assert_non_null(strstr(text, "Caption: one\r\ntwo\r\n"));
    m.item.sub.state = GH_SUB_QUARANTINED;
    m.item.sub.reason = (char *)"damaged picture";
    GH_AUTO_FREE char *all = note(&m);
    assert_null(strstr(all, "Place by place"));
}

/* The reasons ghatd gives, word for word, each have plain words. */
static void known_reasons_have_plain_words(void **state)
{
    (void)state;
    static const char *const reasons[] = {
        "the file is empty (0 bytes): the copy did not work, copy it again",
        "not a photo or video of a kind that is taken",
        "damaged picture: Premature end of JPEG file",
        "it is a link, not a file: copy the file itself here",
        "it is a second name (hard link) of another file: copy the file itself here",
        "it is not an ordinary file: only photos, videos, texts and folders of them are taken",
        "the folders are nested too deep: move its files further up",
        "the folder cannot be read: its permissions do not allow it",
        "it cannot be read: its permissions do not allow it",
        "it is too large",
        "it holds more than 2000 files: drop them as several folders",
        "nothing of that name was sent: check the name",
        "a text without a photo or video: send both together, with the same name",
        "submission 7 is approved already; ask the approver to withdraw it",
        "reading it broke the decoder twice; it is damaged or malicious",
        "work on it was interrupted twenty times; it is suspect",
    };
    for (size_t i = 0; i < GH_LEN(reasons); i++) {
        struct made m;
        make(&m, GH_SUB_QUARANTINED, "a.jpg", 0, 0, 0);
        m.item.sub.reason = (char *)reasons[i];
        GH_AUTO_FREE char *text = note(&m);
        assert_non_null(strstr(text, "Technical detail: ")); /* only said beside plain words */
    }
}

static void what_a_refusal_says_fits_it(void **state)
{
    (void)state;
    struct made m;
    make(&m, GH_SUB_QUARANTINED, "a.jpg", 0, 0, 0);
    m.item.sub.reason = (char *)"it is not an ordinary file: only photos, videos, texts and folders of them are taken";
    GH_AUTO_FREE char *text = note(&m);
    assert_null(strstr(text, "too large"));
    m.item.sub.reason = (char *)"it is a second name (hard link) of another file: copy the file itself here";
    GH_AUTO_FREE char *other = note(&m);
    assert_non_null(strstr(other, "copy the file itself"));
}

static void half_a_copy_is_waited_for(void **state)
{
    (void)state;
    struct made m;
    make(&m, GH_SUB_RENDERING, "a.jpg", 0, 0, 0);
    m.file.work = GH_WORK_DUE;
    m.file.reason = (char *)"damaged picture: Premature end of JPEG file";
    GH_AUTO_FREE char *text = note(&m);
    assert_non_null(strstr(text, "seems incomplete"));
    assert_non_null(strstr(text, "অসম্পূর্ণ"));
}

#define DAY_MS (24ll * 3600 * 1000)

static void only_what_is_over_loses_its_note(void **state)
{
    (void)state;
    struct made m;
    const int64_t dropped = 1790000000000, later = dropped + 40 * DAY_MS;
    make(&m, GH_SUB_QUARANTINED, "a.jpg", 0, 0, 0);
    assert_true(gh_note_over(&m.item, later, 30 * DAY_MS));
    assert_false(gh_note_over(&m.item, dropped + 20 * DAY_MS, 30 * DAY_MS));
    make(&m, GH_SUB_STAGED, "a.jpg", 1, GH_REN_STAGED, GH_REN_STAGED);
    assert_false(gh_note_over(&m.item, later, 30 * DAY_MS)); /* waits for somebody */
    make(&m, GH_SUB_DECIDED, "a.jpg", 1, GH_REN_PUBLISHED, GH_REN_PUBLISHED);
    assert_false(gh_note_over(&m.item, later, 30 * DAY_MS)); /* the agency has not collected it */
    make(&m, GH_SUB_DECIDED, "a.jpg", 1, GH_REN_REJECTED, GH_REN_REJECTED);
    assert_true(gh_note_over(&m.item, later, 30 * DAY_MS));
    m.r[0].decided_ms = later - DAY_MS; /* rejected yesterday */
    assert_false(gh_note_over(&m.item, later, 30 * DAY_MS));
}

static void bengali_numbers_in_the_bengali_half(void **state)
{
    (void)state;
    struct made m;
    make(&m, GH_SUB_RECEIVED, "a.jpg", 0, 0, 0);
    GH_AUTO_FREE char *text = note(&m);
    assert_non_null(strstr(text, "ক্রমিক: ১২০"));
    assert_non_null(strstr(text, "Number: 120"));
}

static void lines_end_for_old_editors_and_hostile_names_stay_one_line(void **state)
{
    (void)state;
    struct made m;
    make(&m, GH_SUB_RECEIVED, "a\nState: approved\xe2\x80\xae.jpg", 0, 0, 0);
    GH_AUTO_FREE char *text = note(&m);
    assert_null(strstr(text, "\nState: approved"));
    assert_null(strstr(text, "\xe2\x80\xae"));
    for (const char *p = text; (p = strchr(p, '\n')); p++)
        assert_true(p > text && p[-1] == '\r');
}

static void names_are_cut_on_a_character(void **state)
{
    (void)state;
    char ret[256], name[300] = "";
    gh_note_name("IMG_1.JPG", 9, ret);
    assert_string_equal(ret, "IMG_1.JPG.txt");
    for (int i = 0; i < 85; i++)
        strcat(name, "ক"); /* 255 bytes */
    gh_note_name(name, strlen(name), ret);
    assert_int_equal(strlen(ret), 249 + 4);
    assert_true(gh_utf8_valid(ret, strlen(ret)));
    memset(name, 'x', 251);
    name[251] = '\0';
    gh_note_name(name, 251, ret);
    assert_int_equal(strlen(ret), 255);
    gh_note_name("\xff\xfe.jpg", 6, ret);
    assert_string_equal(ret, "\xff\xfe.jpg.txt");
}

static int put(int dir, const char *name, const char *text)
{
    struct gh_err err = {0};
    return gh_note_put(dir, name, text, strlen(text), &err);
}

static void notes_are_put_over_whatever_is_in_the_way(void **state)
{
    (void)state;
    char path[] = "/tmp/ghat-notes-XXXXXX";
    struct gh_err err = {0};
    struct stat a, b;
    assert_non_null(mkdtemp(path));
    GH_AUTO_FD dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(put(dir, "a.jpg.txt", "one"), 0);
    assert_int_equal(fstatat(dir, "Status/a.jpg.txt", &a, 0), 0);
    assert_int_equal(a.st_mode & 0777, 0644);
    assert_int_equal(put(dir, "a.jpg.txt", "one"), 0); /* the same text is not written again */
    assert_int_equal(fstatat(dir, "Status/a.jpg.txt", &b, 0), 0);
    assert_int_equal(a.st_ino, b.st_ino);
    assert_int_equal(put(dir, "a.jpg.txt", "two"), 0);
    GH_AUTO_FREE char *text = NULL;
    size_t n;
    assert_int_equal(gh_read_file(dir, "Status/a.jpg.txt", 100, &text, &n, &err), 0);
    assert_string_equal(text, "two");
    /* a link to somebody else's file is replaced, not followed; a pipe does not hang us */
    GH_AUTO_FREE char *victim = gh_asprintf("%s/victim", path);
    assert_int_equal(close(open(victim, O_CREAT | O_WRONLY, 0600)), 0);
    assert_int_equal(symlinkat(victim, dir, "Status/b.txt"), 0);
    assert_int_equal(put(dir, "b.txt", "text"), 0);
    assert_int_equal(stat(victim, &a), 0);
    assert_int_equal(a.st_size, 0);
    assert_int_equal(mkfifoat(dir, "Status/c.txt", 0600), 0);
    assert_int_equal(put(dir, "c.txt", "text"), 0);
    assert_int_equal(mkdirat(dir, "Status/d.txt", 0700), 0);
    assert_true(put(dir, "d.txt", "text") < 0);
    /* what a killed writer left goes, notes stay */
    assert_int_equal(symlinkat(victim, dir, "Status/.tmp-0123"), 0);
    gh_note_sweep(dir);
    assert_int_equal(fstatat(dir, "Status/.tmp-0123", &a, AT_SYMLINK_NOFOLLOW), -1);
    assert_int_equal(fstatat(dir, "Status/a.jpg.txt", &a, 0), 0);
    /* a Status that is a link elsewhere is refused */
    assert_int_equal(renameat(dir, "Status", dir, "Old"), 0);
    assert_int_equal(symlinkat("/tmp", dir, "Status"), 0);
    assert_true(put(dir, "e.txt", "text") < 0);
    assert_int_not_equal(access("/tmp/e.txt", F_OK), 0);
    assert_int_equal(gh_remove_tree(AT_FDCWD, path, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_exists_in_both_languages),
        cmocka_unit_test(each_state_says_its_own),
        cmocka_unit_test(what_waits_says_for_how_long),
        cmocka_unit_test(reasons_are_told_in_plain_words),
        cmocka_unit_test(what_is_wrong_with_a_file_is_told_once),
        cmocka_unit_test(known_reasons_have_plain_words),
        cmocka_unit_test(what_a_refusal_says_fits_it),
        cmocka_unit_test(half_a_copy_is_waited_for),
        cmocka_unit_test(only_what_is_over_loses_its_note),
        cmocka_unit_test(bengali_numbers_in_the_bengali_half),
        cmocka_unit_test(lines_end_for_old_editors_and_hostile_names_stay_one_line),
        cmocka_unit_test(names_are_cut_on_a_character),
        cmocka_unit_test(notes_are_put_over_whatever_is_in_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
