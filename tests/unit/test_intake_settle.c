/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quiet times on our own clock, groups of a stem, and the names that decide them. */
#include "tests/unit/test.h"

#include "base/names.h"
#include "daemon/intake/settle.h"

#include <string.h>
#include <sys/sysmacros.h>

static struct gh_print print(uint64_t size, int64_t mtime)
{
    return (struct gh_print){.kind = GH_SEEN_FILE,
                             .dev = 1,
                             .ino = 2,
                             .nlink = 1,
                             .size = size,
                             .mtime_ns = mtime,
                             .mode = S_IFREG};
}

static void test_quiet(void **state)
{
    (void)state;
    struct gh_settle s = {0};
    struct gh_print a = print(100, 5), b = print(200, 5), c = print(200, 6);
    assert_true(gh_settle_wait(&s, 0, 3000) > 0); /* never observed */
    assert_true(gh_settle_observe(&s, &a, 1000));
    assert_int_equal(gh_settle_wait(&s, 1000, 3000), 3000);
    assert_int_equal(gh_settle_wait(&s, 3999, 3000), 1);
    assert_int_equal(gh_settle_wait(&s, 4000, 3000), 0);
    assert_false(gh_settle_observe(&s, &a, 2000));
    /* an observation that shows nothing new changes nothing */
    assert_int_equal(gh_settle_wait(&s, 4000, 3000), 0);
    assert_true(gh_settle_observe(&s, &b, 3500)); /* it grew */
    assert_int_equal(gh_settle_wait(&s, 4000, 3000), 2500);
    /* only its time stamp: a file whose size was set first */
    assert_true(gh_settle_observe(&s, &c, 6000));
    assert_int_equal(gh_settle_wait(&s, 6000, 3000), 3000);
    gh_settle_hint(&s, 8000);
    assert_int_equal(gh_settle_wait(&s, 9000, 3000), 2000);
    assert_int_equal(s.longest_ms, 2500);
}

static void test_file_time_is_no_clock(void **state)
{
    (void)state;
    static const int64_t times[] = {0, INT64_MAX, -1000000000ll * 86400 * 365 * 60,
                                    4102444800ll * 1000000000};
    for (size_t i = 0; i < GH_LEN(times); i++) {
        struct gh_settle s = {0};
        struct gh_print p = print(1, times[i]);
        gh_settle_observe(&s, &p, 50);
        assert_int_equal(gh_settle_wait(&s, 60, 100), 90);
        assert_int_equal(gh_settle_wait(&s, 150, 100), 0);
    }
}

static void test_lessons(void **state)
{
    (void)state;
    struct gh_settle s = {.longest_ms = 1400};
    assert_int_equal(gh_settle_lesson(&s, 3000), 0); /* a short pause */
    s.longest_ms = 2500;
    assert_int_equal(gh_settle_lesson(&s, 3000), 5000);
    s.longest_ms = 20000; /* longer than the quiet time: it was open */
    assert_int_equal(gh_settle_lesson(&s, 3000), 0);
}

/* A file is at its point a breath after it was closed, unless its writer came back. */
static void test_point(void **state)
{
    (void)state;
    struct gh_print a = print(100, 5), b = print(200, 6), other = print(100, 5);
    other.ino = 3;
    struct gh_settle s = {0};
    gh_settle_observe(&s, &a, 1000);
    assert_int_equal(gh_settle_point(&s, 1500, 3000), -1); /* nobody closed it */
    assert_int_equal(gh_settle_whole(&s, 3000), GH_WHOLE_UNKNOWN);
    gh_settle_closed(&s, 2000);
    assert_int_equal(gh_settle_point(&s, 2000, 3000), 300);
    gh_settle_closed(&s, 2200); /* twice within a breath: the later one counts */
    assert_int_equal(gh_settle_point(&s, 2400, 3000), 100);
    gh_settle_observe(&s, &b, 2450); /* so do time stamps that are set after it */
    assert_int_equal(gh_settle_point(&s, 2450, 3000), 300);
    assert_int_equal(gh_settle_point(&s, 2750, 3000), 0);
    assert_int_equal(gh_settle_wait(&s, 2750, 3000), 2700); /* the quiet time is as it was */
    gh_settle_hint(&s, 4000); /* attributes that are no bytes: not the writer */
    gh_settle_observe(&s, &b, 4000);
    assert_int_equal(gh_settle_wait(&s, 4000, 3000), 3000);
    assert_int_equal(gh_settle_whole(&s, 3000), GH_WHOLE_YES);

    static const enum {
        GREW,
        CLOSED_AGAIN,
        RENAMED_OVER,
        REPLACED
    } came_back[] = {GREW, CLOSED_AGAIN, RENAMED_OVER, REPLACED};
    for (size_t i = 0; i < GH_LEN(came_back); i++) {
        struct gh_settle t = {0};
        gh_settle_closed(&t, 1000); /* the event may come first */
        gh_settle_observe(&t, &a, 1000);
        assert_int_equal(gh_settle_point(&t, 1300, 3000), 0);
        if (came_back[i] == GREW)
            gh_settle_observe(&t, &b, 1400);
        else if (came_back[i] == CLOSED_AGAIN)
            gh_settle_closed(&t, 1400);
        else if (came_back[i] == RENAMED_OVER)
            gh_settle_arrived(&t, 1400);
        else
            gh_settle_observe(&t, &other, 1400);
        if (gh_settle_point(&t, 1900, 3000) != -1 || gh_settle_whole(&t, 3000) != GH_WHOLE_NO)
            fail_msg("way %zu of coming back was not seen", i);
        gh_settle_closed(&t, 1950); /* and for ever: it waits for its quiet time */
        assert_int_equal(gh_settle_point(&t, 2900, 3000), -1);
    }
    /* What was renamed into place soon after it was closed has no point, and says nothing. */
    struct gh_settle u = {0};
    gh_settle_closed(&u, 1000);
    gh_settle_observe(&u, &a, 1000);
    gh_settle_arrived(&u, 1010);
    gh_settle_observe(&u, &other, 1010);
    assert_int_equal(gh_settle_point(&u, 2000, 3000), -1);
    assert_int_equal(gh_settle_whole(&u, 3000), GH_WHOLE_UNKNOWN);
}

static void test_same_bytes(void **state)
{
    (void)state;
    struct gh_print a = print(100, 5), b = a;
    b.nlink = 2;
    assert_true(gh_print_same_bytes(&a, &b));
    b = print(100, 6);
    assert_false(gh_print_same_bytes(&a, &b));
    b = print(101, 5);
    assert_false(gh_print_same_bytes(&a, &b));
    b = a;
    b.ino = 3;
    assert_false(gh_print_same_bytes(&a, &b));
}

static void test_groups(void **state)
{
    (void)state;
    static const struct {
        const char *names[4];
        enum gh_group group;
    } rows[] = {
        {{"IMG_1.jpg"}, GH_GROUP_ALONE},
        {{"clip.mp4"}, GH_GROUP_ALONE},
        {{"IMG_1.jpg", "IMG_1.txt"}, GH_GROUP_TOGETHER},
        {{"IMG_1.txt", "IMG_1.JPG"}, GH_GROUP_TOGETHER},
        {{"IMG_1.HEIC", "IMG_1.MOV"}, GH_GROUP_TOGETHER},
        {{"IMG_1.mov", "IMG_1.heic", "IMG_1.txt"}, GH_GROUP_TOGETHER},
        {{"IMG_1.jpg", "IMG_1.mov"}, GH_GROUP_ALONE},
        {{"IMG_1.jpg", "IMG_1.png"}, GH_GROUP_ALONE},
        {{"IMG_1.txt"}, GH_GROUP_TEXT},
        {{"unknown"}, GH_GROUP_ALONE},
    };
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        size_t n = 0;
        while (n < 4 && rows[i].names[n])
            n++;
        if (gh_settle_group(rows[i].names, n) != rows[i].group)
            fail_msg("row %zu: %s", i, rows[i].names[0]);
    }
}

static void test_junk(void **state)
{
    (void)state;
    static const char *const junk[] = {".DS_Store",
                                       "._IMG_1.jpg",
                                       "Thumbs.db",
                                       "thumbs.DB",
                                       "desktop.ini",
                                       "~$letter.docx",
                                       "a.tmp",
                                       "A.TMP",
                                       "clip.mp4.part",
                                       "clip.mp4.filepart",
                                       "x.crdownload",
                                       ".~lock.a.odt#",
                                       ".syncthing.a.jpg.tmp",
                                       ".rsync-temps",
                                       ".a.jpg.Xy12Zw",
                                       ".smbdeleteAAA1",
                                       ".TemporaryItems"};
    static const char *const kept[] = {"IMG_1.jpg", "part.jpg",   "tmp",        "a.tmp.jpg",
                                       "ছবি.jpg",   "Status.jpg", "~photo.jpg", "x%d.jpg",
                                       "-rf",       "a\nb.jpg"};
    for (size_t i = 0; i < GH_LEN(junk); i++)
        if (!gh_name_junk(junk[i]))
            fail_msg("%s is junk", junk[i]);
    for (size_t i = 0; i < GH_LEN(kept); i++)
        if (gh_name_junk(kept[i]))
            fail_msg("%s is no junk", kept[i]);
}

static void test_names(void **state)
{
    (void)state;
    assert_int_equal(gh_name_guess("a.JPEG"), GH_PHOTO);
    assert_int_equal(gh_name_guess("a.b/c.Mov"), GH_VIDEO);
    assert_int_equal(gh_name_guess("jpg"), GH_MEDIA_NONE);
    assert_int_equal(gh_name_guess(".jpg"), GH_MEDIA_NONE);
    assert_int_equal(gh_name_stem("a.b.jpg"), 3);
    assert_int_equal(gh_name_stem(".hidden"), 7);
    assert_int_equal(gh_name_stem("dir.x/file"), 10);
    assert_true(gh_name_caption("Caption.TXT"));
    assert_false(gh_name_caption("my caption.txt"));
    assert_true(gh_name_caption("Caption.DOCX"));
    assert_true(gh_name_text("a.docx") && gh_name_document("a.DocX"));
    assert_false(gh_name_document("a.txt") || gh_name_text("a.doc") || gh_name_text("docx"));
    assert_true(gh_name_office("a.doc") && gh_name_office("a.ODT") && gh_name_office("a.rtf") &&
                gh_name_office("a.pages"));
    assert_false(gh_name_office("a.docx") || gh_name_office("doc"));
    assert_true(gh_name_alt("a.alt.txt") && gh_name_alt("f/a.ALT.docx"));
    assert_false(gh_name_alt("alt.txt") || gh_name_alt(".alt.txt") || gh_name_alt("a.alt.jpg") ||
                 gh_name_alt("f/.alt.txt"));
    GH_AUTO_FREE char *alt = gh_name_stem_key("IMG_1.alt.txt"),
                      *own = gh_name_stem_key("img_1.JPG");
    assert_string_equal(alt, own);
    assert_true(gh_name_junk("~$ption.docx")); /* Word's mark that it is open */
    assert_true(gh_name_urgent("fire!"));
    assert_true(gh_name_urgent("আগুন！"));
    assert_false(gh_name_urgent("!fire"));
    char *s = gh_name_recalled("Cancel IMG_1.jpg.txt");
    assert_string_equal(s, "IMG_1.jpg");
    free(s);
    assert_null(gh_name_recalled("cancel .txt"));
    assert_null(gh_name_recalled("cancel IMG_1.jpg"));
    char *a = gh_name_stem_key("IMG_É.jpg"), *b = gh_name_stem_key("img_e\xcc\x81.TXT"),
         *c = gh_name_stem_key("\xff\xfe.jpg");
    assert_string_equal(a, b); /* Finder writes names decomposed */
    assert_string_equal(c, "\xff\xfe");
    free(a);
    free(b);
    free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quiet),   cmocka_unit_test(test_file_time_is_no_clock),
        cmocka_unit_test(test_lessons), cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_groups),  cmocka_unit_test(test_junk),
        cmocka_unit_test(test_names),   cmocka_unit_test(test_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
