/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes: every case has words in every language, names are cut on a character, and nothing an
 * officer puts in the way is followed. All words are in tests/golden/notes.txt (UPDATE_GOLDEN=1
 * writes it). */
#include "daemon/publish/notes.h"
#include "daemon/publish/notes_text.h"
#include "daemon/store/status.h"

#include "base/file.h"
#include "base/words.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#define BN "অবস্থা: "

/* An item without a ledger: one file, up to three renditions. */
struct made {
    struct gh_item item;
    struct gh_file file;
    struct gh_rendition r[3];
    int64_t left_ms;
};

static void make(struct made *m, enum gh_sub_state state, const char *name, size_t n,
                 enum gh_ren_state a, enum gh_ren_state b)
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

/* Nothing is left in English, and nothing is lost. */
static void assert_said(const struct gh_words *w, const char *context, const char *text)
{
    assert_true(text && *text);
    const char *said = gh_word(w, context, text);
    if (w != gh_words_at(0) && said == text)
        fail_msg("%s has no words for: %s", gh_words_language(w), text);
    assert_true(*said && gh_utf8_valid(said, strlen(said)));
}

static void every_word_exists_in_every_language(void **state)
{
    (void)state;
    const struct gh_words *w;
    size_t languages = 0;
    for (; (w = gh_words_at(languages)); languages++) {
        for (unsigned c = 0; c < GH_CASES; c++) {
            assert_said(w, "note: state", gh_case_texts[c].head);
            assert_said(w, NULL, gh_case_texts[c].what);
            assert_non_null(gh_case_texts[c].act);
            if (*gh_case_texts[c].act)
                assert_said(w, NULL, gh_case_texts[c].act);
        }
        for (unsigned i = 0; i < GH_LABELS; i++)
            assert_said(w, "note", gh_label_texts[i]);
        for (unsigned i = 0; i < GH_REN_STATES_N; i++)
            assert_said(w, "note: state at a place", gh_ren_texts[i]);
        for (const struct gh_reason_text *r = gh_reasons; r->piece; r++)
            assert_said(w, NULL, r->say);
    }
    assert_true(languages >= 3);
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
        {GH_SUB_STAGED, GH_REN_STAGED, GH_REN_SKIPPED, "State: waiting for approval",
         BN "অনুমোদনের অপেক্ষায়"},
        {GH_SUB_STAGED, GH_REN_HELD, GH_REN_HELD, "State: on hold", BN "স্থগিত রাখা হয়েছে"},
        {GH_SUB_DECIDED, GH_REN_PUBLISHING, GH_REN_PUBLISHED, "State: approved", BN "অনুমোদিত"},
        {GH_SUB_DECIDED, GH_REN_APPROVED, GH_REN_PUBLISHED, "State: waiting for approval",
         BN "অনুমোদনের অপেক্ষায়"},
        {GH_SUB_DECIDED, GH_REN_PUBLISHED, GH_REN_PUBLISHED,
         "State: approved and ready for the agency", BN "অনুমোদিত, এজেন্সির"},
        {GH_SUB_DECIDED, GH_REN_PUBLISHED, GH_REN_REJECTED, "State: decided", BN "সিদ্ধান্ত হয়েছে"},
        {GH_SUB_DECIDED, GH_REN_REJECTED, GH_REN_REJECTED, "State: rejected", BN "প্রত্যাখ্যাত"},
        {GH_SUB_DECIDED, GH_REN_WITHDRAWN, GH_REN_WITHDRAWN, "State: withdrawn",
         BN "প্রত্যাহার করা হয়েছে"},
        {GH_SUB_DELIVERED, GH_REN_COLLECTED, GH_REN_COLLECTED, "State: collected by the agency",
         BN "এজেন্সি সংগ্রহ করেছে"},
        {GH_SUB_DUPLICATE, GH_REN_DUE, GH_REN_DUE, "State: already received", BN "আগেই পাওয়া গেছে"},
        {GH_SUB_ARRIVING, GH_REN_DUE, GH_REN_DUE, "State: arriving", BN "ফাইল আসছে"},
        {GH_SUB_QUARANTINED, GH_REN_FAILED, GH_REN_FAILED, "State: could not be used",
         BN "ব্যবহার করা যায়নি"},
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

static void notes_are_in_the_languages_of_the_department(void **state)
{
    (void)state;
    static const struct {
        const char *languages, *first, *second; /* second NULL: there is one language */
    } rows[] = {
        {"hi,en", "स्थिति: प्राप्त हुआ", "State: received"},
        {"hi", "स्थिति: प्राप्त हुआ", NULL},
        {"en,bn", "State: received", BN "গৃহীত হয়েছে"},
    };
    struct made m;
    make(&m, GH_SUB_RECEIVED, "a.jpg", 0, 0, 0);
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        GH_AUTO_STR s = {0};
        const struct gh_department d = {.title = (char *)"Roads",
                                        .languages = (char *)rows[i].languages};
        gh_note_text(&m.item, &(struct gh_note_about){.department = &d, .left_ms = -1}, &s);
        const char *first = strstr(s.data, rows[i].first);
        const char *second = rows[i].second ? strstr(s.data, rows[i].second) : NULL;
        assert_non_null(first);
        if (rows[i].second)
            assert_true(second && first < second);
        else
            assert_null(strstr(s.data, "----"));
    }
}

/* An item of everything: what it is told of, and where. */
static void add_note(struct gh_str *out, const char *what, struct made *m)
{
    GH_AUTO_FREE char *text = note(m);
    gh_str_printf(out, "=== %s ===\n", what);
    for (char *save, *line = strtok_r(text, "\r", &save); line; line = strtok_r(NULL, "\r", &save))
        gh_str_puts(out, line);
    gh_str_puts(out, "\n");
}

static void add_situations(struct gh_str *out)
{
    struct made m;
    for (unsigned state = 0; state < GH_SUB_STATES_N; state++) {
        make(&m, state, "Opening.jpg", 0, 0, 0);
        add_note(out, gh_sub_state_name(state), &m);
    }
    for (unsigned state = 0; state < GH_REN_STATES_N; state++) {
        make(&m, GH_SUB_DECIDED, "Opening.jpg", 2, state, state);
        m.r[0].reason = (char *)"the name is misspelt";
        m.item.sub.caption = (char *)"one\ntwo";
        add_note(out, gh_ren_state_name(state), &m);
    }
    make(&m, GH_SUB_STAGED, "Opening.jpg", 2, GH_REN_HELD, GH_REN_HELD);
    add_note(out, "on hold", &m);
    make(&m, GH_SUB_DECIDED, "Opening.jpg", 2, GH_REN_PUBLISHED, GH_REN_REJECTED);
    add_note(out, "mixed", &m);
    make(&m, GH_SUB_RENDERING, "Opening.mp4", 0, 0, 0);
    m.left_ms = 290 * 1000;
    add_note(out, "five minutes", &m);
    m.file.strikes = 1;
    m.left_ms = 1;
    add_note(out, "tried again, one minute", &m);
    m.file.reason = (char *)"damaged picture";
    add_note(out, "incomplete", &m);
    m.file.strikes = 0;
    m.file.reason = NULL;
    m.left_ms = 5 * 3600 * 1000;
    add_note(out, "five hours", &m);
    make(&m, GH_SUB_QUARANTINED, "Opening.jpg", 0, 0, 0);
    m.item.sub.reason = (char *)"recalled by the department";
    add_note(out, "recalled", &m);
    make(&m, GH_SUB_DUPLICATE, "Opening.jpg", 0, 0, 0);
    m.item.sub.duplicate_of = 17;
    add_note(out, "a duplicate of another", &m);
    make(&m, GH_SUB_DELIVERED, "answer 12.txt", 0, 0, 0);
    m.item.sub.question = 12;
    add_note(out, "an answer", &m);
    make(&m, GH_SUB_DELIVERED, "puja", 2, GH_REN_COLLECTED, GH_REN_SKIPPED);
    m.item.sub.kind = GH_KIND_FOLDER;
    m.item.sub.staged_ms = m.item.sub.dropped_ms + 60 * 1000;
    m.item.sub.approved_ms = m.item.sub.staged_ms + 3600 * 1000;
    m.item.sub.delivered_ms = m.item.sub.approved_ms + 3600 * 1000;
    m.r[0].publishing_ms = m.item.sub.approved_ms;
    m.r[0].file = m.r[1].file = 1;
    m.r[0].note = (char *)"first picture of 12";
    m.r[1].reason = (char *)"2.1 s is shorter than 3 s";
    add_note(out, "a folder with everything", &m);
    m.file.work = GH_WORK_BAD;
    m.file.reason = (char *)"damaged picture";
    add_note(out, "a bad file in it", &m);
}

/* What stands behind "Reason:" in each language. */
static void add_reasons(struct gh_str *out)
{
    for (const struct gh_reason_text *r = gh_reasons; r->piece; r++) {
        struct made m;
        make(&m, GH_SUB_QUARANTINED, "a.jpg", 0, 0, 0);
        m.item.sub.reason = (char *)r->piece;
        GH_AUTO_FREE char *text = note(&m);
        gh_str_printf(out, "=== %s ===\n", r->piece);
        unsigned line = 0;
        for (char *save, *at = strtok_r(text, "\r\n", &save); at;
             at = strtok_r(NULL, "\r\n", &save), line++) {
            if (gh_starts(at, "-----"))
                line = (unsigned)-1;
            if (line == 4)
                gh_str_printf(out, "%s\n", at);
        }
    }
}

static void notes_are_word_for_word_as_they_were(void **state)
{
    (void)state;
    static const char path[] = "tests/golden/notes.txt";
    GH_AUTO_STR text = {0};
    GH_AUTO_FREE char *want = NULL;
    struct gh_err err = {0};
    size_t n = 0;
    add_situations(&text);
    add_reasons(&text);
    if (getenv("UPDATE_GOLDEN")) {
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        assert_int_equal(fwrite(text.data, 1, text.len, f), text.len);
        assert_int_equal(fclose(f), 0);
    }
    assert_int_equal(gh_read_file(AT_FDCWD, path, 1 << 20, &want, &n, &err), 0);
    size_t at = 0, line = 1;
    while (at < n && at < text.len && want[at] == text.data[at])
        line += want[at++] == '\n';
    if (at < n || at < text.len)
        fail_msg("%s:%zu is not \"%.*s\"", path, line, (int)strcspn(text.data + at, "\r\n"),
                 text.data + at);
}

static void what_waits_says_for_how_long(void **state)
{
    (void)state;
    static const struct {
        enum gh_sub_state sub;
        int64_t left_ms;
        const char *en, *bn; /* NULL: nothing is said */
    } rows[] = {
        {GH_SUB_RECEIVED, 290 * 1000, "about 5 minutes, until about ",
         "প্রায় ৫ মিনিট, আনুমানিক সময় "},
        {GH_SUB_RENDERING, 0, "about 1 minute, until about ", "প্রায় ১ মিনিট, আনুমানিক সময় "},
        {GH_SUB_RENDERING, 5 * 3600 * 1000, "about 5 hours, until about ",
         "প্রায় ৫ ঘণ্টা, আনুমানিক সময় "},
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
    assert_non_null(
        strstr(some, "bb.photo: The video is too short for it. (2.1 s is shorter than 3 s)"));
    assert_non_null(strstr(some, "aa.photo: waiting for approval"));
}

/* A reason of the list is told in each language with what to do; what was written by hand as it is,
 * below it, and never as a line of ours. */
static void reasons_of_the_list_are_told_in_every_language(void **state)
{
    (void)state;
    struct made m;
    make(&m, GH_SUB_DECIDED, "a.jpg", 1, GH_REN_REJECTED, 0);
    m.r[0].reason = (char *)"Sensitive place\nMistake in the caption\nState: \x1b[2Japproved";
    GH_AUTO_FREE char *text = note(&m);
    assert_non_null(strstr(text,
                           "The authority's reason: Sensitive place. Please send one that does "
                           "not show it.\r\n  Mistake in the caption. Please send a corrected "
                           "caption.\r\n  State: <U+001B>[2Japproved\r\n"));
    assert_non_null(strstr(text,
                           "কর্তৃপক্ষের কারণ: সংবেদনশীল স্থান। স্থানটি দেখা যায় না এমন ছবি পাঠান।\r\n"
                           "  ক্যাপশনে ভুল। সংশোধিত ক্যাপশন পাঠান।\r\n"));
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
        {.id = 2,
         .name = (char *)"bad.jpg",
         .name_len = 7,
         .work = GH_WORK_BAD,
         .reason = (char *)"damaged picture"}};
    m.item.files = files;
    m.item.n_files = 2;
    m.r[0].file = 1;
    m.r[1].file = 2;
    m.r[1].reason = (char *)"damaged picture";
    GH_AUTO_FREE char *text = note(&m);
    assert_null(strstr(text, "Not possible for"));
    assert_non_null(strstr(text, "bad.jpg: The file is damaged."));
    assert_non_null(strstr(text, "Caption: one\r\n  two\r\n"));
    m.item.sub.state = GH_SUB_QUARANTINED;
    m.item.sub.reason = (char *)"damaged picture";
    GH_AUTO_FREE char *all = note(&m);
    assert_null(strstr(all, "Place by place"));
}

/* Whatever a caption says, an older one too, no line of the note is its own. */
static void a_caption_looks_like_no_line_of_ours(void **state)
{
    (void)state;
    struct made m;
    make(&m, GH_SUB_STAGED, "puja", 1, GH_REN_STAGED, GH_REN_STAGED);
    m.item.sub.caption = (char *)"\x1b[2JState: published\n\nState: published\r\n\xe2\x80\xaex";
    GH_AUTO_FREE char *text = note(&m);
    assert_null(strchr(text, 0x1b));
    assert_null(strstr(text, "\xe2\x80\xae"));
    assert_null(strstr(text, "\nState: published"));
    assert_non_null(
        strstr(text, "Caption: [2JState: published\r\n  \r\n  State: published\r\n  x\r\n"));
}

/* Reasons as they are put together: what explains most is told. */
static void of_several_reasons_the_one_that_explains_most_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *reason, *en;
    } rows[] = {
        {"no picture of the video can be decoded: send the original again; 0.42 s is shorter than "
         "3 s",
         "No picture of the video can be read."},
        {"the video is protected against copying (encrypted): export it without protection; 0.42 s "
         "is "
         "shorter than 3 s",
         "This video is protected against copying."},
        {"unsupported type: this is a camera's raw file, not a photo or video of a kind that is "
         "taken",
         "This is a camera's raw file."},
        {"unsupported type: this is a PDF document, not a photo or video of a kind that is taken",
         "Please export the page as JPEG"},
        {"damaged picture: Unsupported JPEG data precision 12", "ordinary (8-bit) JPEG"},
        {"damaged picture: Unsupported JPEG process: SOF type 0xc3", "ordinary (8-bit) JPEG"},
        {"this is not a video file but \"asf\": send MP4, MOV, MKV, WebM, AVI or MPEG-TS",
         "This kind of video is not taken."},
        {"the output breaks a limit of wa.video: duration 200.00 s in 0..180 s",
         "Please tell the administrator."},
    };
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        struct made m;
        make(&m, GH_SUB_QUARANTINED, "a.jpg", 0, 0, 0);
        m.item.sub.reason = (char *)rows[i].reason;
        GH_AUTO_FREE char *text = note(&m);
        if (!strstr(text, rows[i].en))
            fail_msg("row %zu: %s", i, text);
    }
}

/* Between two attempts: what only time can tell seems incomplete, what is certain is said. */
static void a_definite_reason_is_told_while_it_is_looked_at_again(void **state)
{
    (void)state;
    static const struct {
        const char *reason, *says, *never;
    } rows[] = {
        {"the video is protected against copying (encrypted): export it without protection",
         "This video is protected against copying.", "seems incomplete"},
        {"unsupported type: this is a PDF document, not a photo or video of a kind that is taken",
         "Please export the page as JPEG", "seems incomplete"},
        {"unsupported type: this is a camera's raw file", "This is a camera's raw file.",
         "seems incomplete"},
        {"the picture is coded as \"vvc\", which is not supported: send H.264 or HEVC",
         "State: could not be used", "seems incomplete"},
        {"unsupported type: not a photo or video of a kind that is taken", "seems incomplete",
         "could not be used"},
        {"damaged picture: Premature end of JPEG file", "seems incomplete", "could not be used"},
        {"most pictures of the video are damaged: 90", "seems incomplete", "could not be used"},
    };
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        struct made m;
        make(&m, GH_SUB_RENDERING, "a.mp4", 0, 0, 0);
        m.file.work = GH_WORK_DUE;
        m.file.reason = (char *)rows[i].reason;
        GH_AUTO_FREE char *text = note(&m);
        if (!strstr(text, rows[i].says) || strstr(text, rows[i].never))
            fail_msg("row %zu: %s", i, text);
    }
    struct made m; /* a folder, of which another file is still made */
    make(&m, GH_SUB_RENDERING, "Puja", 0, 0, 0);
    struct gh_file files[2] = {m.file, m.file};
    files[0].work = GH_WORK_DUE;
    files[0].reason = (char *)rows[0].reason;
    files[1].work = GH_WORK_RUNNING;
    m.item.sub.kind = GH_KIND_FOLDER;
    m.item.files = files;
    m.item.n_files = 2;
    GH_AUTO_FREE char *text = note(&m);
    assert_non_null(strstr(text, "State: being made"));
    assert_non_null(strstr(text, "Puja: This video is protected against copying."));
}

static void of_many_pages_the_officer_reads_that_one_was_taken(void **state)
{
    (void)state;
    struct made m;
    make(&m, GH_SUB_STAGED, "scan.tif", 2, GH_REN_STAGED, GH_REN_STAGED);
    m.r[0].file = m.r[1].file = 1;
    m.r[0].note = m.r[1].note = (char *)"first picture of 12";
    GH_AUTO_FREE char *text = note(&m);
    const char *first = strstr(text, "Pictures in the file: 12; only the first was taken.");
    assert_non_null(first);
    assert_null(strstr(first + 1, "Pictures in")); /* once */
    assert_non_null(strstr(text, "১২টি; শুধু প্রথমটি নেওয়া হয়েছে।"));
    m.r[0].note = m.r[1].note = NULL;
    GH_AUTO_FREE char *one = note(&m);
    assert_null(strstr(one, "only the first"));
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
        "submission 7 is being decided, or is approved already; ask the approver",
        "reading it broke the decoder twice; it is damaged or malicious",
        "work on it was interrupted twenty times; it is suspect",
        "the video is protected against copying (encrypted): export it without protection",
        "a file of the kind \"asf\" is not taken as a video: send MP4",
        "no picture of the video can be decoded",
        "most pictures of the video are damaged: 90",
        "the output breaks a limit of wa.video: duration 200.00 s in 0..180 s",
        "the output breaks a limit of wa.video: length 13.00 s, longer than the planned 12.00 s",
        "the output is not like its source: it lasts 41.00 s, the source's part 6.00 s",
        "the output is not like its source: silent from 3 to 6 s, where the source is not",
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
    m.item.sub.reason = (char *)"it is not an ordinary file: only photos, videos, texts and "
                                "folders of them are taken";
    GH_AUTO_FREE char *text = note(&m);
    assert_null(strstr(text, "too large"));
    m.item.sub.reason =
        (char *)"it is a second name (hard link) of another file: copy the file itself here";
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
    return gh_status_put(dir, name, text, strlen(text), &err);
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
    gh_status_sweep(dir);
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
        cmocka_unit_test(every_word_exists_in_every_language),
        cmocka_unit_test(notes_are_in_the_languages_of_the_department),
        cmocka_unit_test(each_state_says_its_own),
        cmocka_unit_test(notes_are_word_for_word_as_they_were),
        cmocka_unit_test(what_waits_says_for_how_long),
        cmocka_unit_test(reasons_are_told_in_plain_words),
        cmocka_unit_test(reasons_of_the_list_are_told_in_every_language),
        cmocka_unit_test(what_is_wrong_with_a_file_is_told_once),
        cmocka_unit_test(a_caption_looks_like_no_line_of_ours),
        cmocka_unit_test(of_several_reasons_the_one_that_explains_most_is_told),
        cmocka_unit_test(a_definite_reason_is_told_while_it_is_looked_at_again),
        cmocka_unit_test(of_many_pages_the_officer_reads_that_one_was_taken),
        cmocka_unit_test(known_reasons_have_plain_words),
        cmocka_unit_test(what_a_refusal_says_fits_it),
        cmocka_unit_test(half_a_copy_is_waited_for),
        cmocka_unit_test(only_what_is_over_loses_its_note),
        cmocka_unit_test(bengali_numbers_in_the_bengali_half),
        cmocka_unit_test(lines_end_for_old_editors_and_hostile_names_stay_one_line),
        cmocka_unit_test(names_are_cut_on_a_character),
        cmocka_unit_test(notes_are_put_over_whatever_is_in_the_way),
    };
    setenv("TZ", "Asia/Kolkata", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
