/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of names: junk patterns (fnmatch, without case) and extensions. */
#include "base/names.h"

#include "base/str.h"
#include "base/text.h"

#include <fnmatch.h>
#include <string.h>

/* Names starting with a dot are junk as a whole: .DS_Store ._* .~lock* .syncthing.* .rsync-temps
 * .x.jpg.AbC123 .TemporaryItems */
static const char *const junk[] = {
    ".*",
    "Thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "~$*",
    "*.tmp",
    "*.temp",
    "*.part",
    "*.partial",
    "*.filepart",
    "*.crdownload",
    "*.download",
    "*.opdownload",
    "~syncthing~*",
    "Icon\r",
    "$RECYCLE.BIN",
    "System Volume Information",
    "__MACOSX",
    "lost+found",
    "*~",
};

struct extension {
    const char *ext;
    enum gh_media media;
};
static const struct extension extensions[] = {
    {"jpg", GH_PHOTO},  {"jpeg", GH_PHOTO}, {"heic", GH_PHOTO}, {"heif", GH_PHOTO},
    {"avif", GH_PHOTO}, {"png", GH_PHOTO},  {"webp", GH_PHOTO}, {"tif", GH_PHOTO},
    {"tiff", GH_PHOTO}, {"gif", GH_PHOTO},  {"mp4", GH_VIDEO},  {"mov", GH_VIDEO},
    {"m4v", GH_VIDEO},  {"3gp", GH_VIDEO},  {"3g2", GH_VIDEO},  {"mkv", GH_VIDEO},
    {"webm", GH_VIDEO}, {"avi", GH_VIDEO},  {"ts", GH_VIDEO},   {"mts", GH_VIDEO},
    {"m2ts", GH_VIDEO}, {"mpg", GH_VIDEO},  {"mpeg", GH_VIDEO}, {"vob", GH_VIDEO},
    {"mod", GH_VIDEO},  {"wmv", GH_VIDEO},  {"asf", GH_VIDEO},  {"flv", GH_VIDEO},
    {"f4v", GH_VIDEO},  {"h264", GH_VIDEO}, {"264", GH_VIDEO},  {"h265", GH_VIDEO},
    {"265", GH_VIDEO},  {"hevc", GH_VIDEO}, {"bmp", GH_PHOTO},
};
const char *const gh_name_extensions[] = {
    "jpg",  "JPG",  "jpeg", "heic", "HEIC", "mp4", "MP4",  "mov",  "MOV",  "png", "PNG",
    "JPEG", "webp", "tif",  "tiff", "gif",  "m4v", "heif", "HEIF", "avif", "3gp", "mkv",
    "webm", "avi",  "AVI",  "mts",  "MTS",  "ts",  "mpg",  "mpeg", NULL,
};

bool gh_name_junk(const char *name)
{
    for (size_t i = 0; i < GH_LEN(junk); i++)
        if (fnmatch(junk[i], name, FNM_CASEFOLD | FNM_NOESCAPE) == 0)
            return true;
    return false;
}

size_t gh_name_stem(const char *name)
{
    const char *slash = strrchr(name, '/'), *dot = strrchr(name, '.');
    return dot && dot > (slash ? slash + 1 : name) ? (size_t)(dot - name) : strlen(name);
}

static bool has_ext(const char *name, const char *ext)
{
    size_t stem = gh_name_stem(name);
    return name[stem] == '.' && strcasecmp(name + stem + 1, ext) == 0;
}

bool gh_name_text(const char *name)
{
    return has_ext(name, "txt") || has_ext(name, "docx");
}

bool gh_name_calendar(const char *name)
{
    return has_ext(name, "ics");
}

bool gh_name_event(const char *name)
{
    static const char *const words[] = {"event", "অনুষ্ঠান", "कार्यक्रम"};
    GH_AUTO_FREE char *folded = gh_text_fold(name, gh_name_stem(name));
    for (size_t i = 0; i < GH_LEN(words) && gh_name_text(name); i++) {
        GH_AUTO_FREE char *word = gh_text_fold(words[i], strlen(words[i]));
        if (gh_starts(folded, word))
            return true;
    }
    return false;
}

bool gh_name_document(const char *name)
{
    return has_ext(name, "docx") || gh_name_calendar(name);
}

bool gh_name_office(const char *name)
{
    return has_ext(name, "doc") || has_ext(name, "odt") || has_ext(name, "rtf") ||
           has_ext(name, "pages");
}

bool gh_name_caption(const char *name)
{
    return strcasecmp(name, "caption.txt") == 0 || strcasecmp(name, "caption.docx") == 0;
}

enum gh_media gh_name_guess(const char *name)
{
    for (size_t i = 0; i < GH_LEN(extensions); i++)
        if (has_ext(name, extensions[i].ext))
            return extensions[i].media;
    return GH_MEDIA_NONE;
}

bool gh_name_live_still(const char *name)
{
    return has_ext(name, "heic") || has_ext(name, "heif");
}

bool gh_name_live_moving(const char *name)
{
    return has_ext(name, "mov");
}

static const char alt_end[] = ".alt";

bool gh_name_alt(const char *name)
{
    size_t stem = gh_name_stem(name), n = sizeof(alt_end) - 1;
    return gh_name_text(name) && stem > n && name[stem - n - 1] != '/' &&
           strncasecmp(name + stem - n, alt_end, n) == 0;
}

size_t gh_name_common(const char *name)
{
    return gh_name_stem(name) - (gh_name_alt(name) ? sizeof(alt_end) - 1 : 0);
}

char *gh_name_stem_key(const char *name)
{
    return gh_text_fold(name, gh_name_common(name));
}

char *gh_name_recalled(const char *name)
{
    static const char word[] = "cancel ";
    if (!gh_name_text(name) || strncasecmp(name, word, sizeof(word) - 1) != 0)
        return NULL;
    char *rest = gh_strndup(name + sizeof(word) - 1, gh_name_stem(name) - (sizeof(word) - 1));
    char *kept = gh_strdup(gh_strip(rest));
    free(rest);
    if (*kept)
        return kept;
    free(kept);
    return NULL;
}

/* -------------------------------------------------------------------------------------- replies */

/* Folded, without blanks; what begins with another stands before it. */
static const struct {
    const char *word;
    enum gh_name_reply reply;
} reply_words[] = {
    {"answer", GH_NAME_ANSWER},    {"reply", GH_NAME_ANSWER},       {"উত্তর", GH_NAME_ANSWER},
    {"উওর", GH_NAME_ANSWER},       {"জবাব", GH_NAME_ANSWER},        {"उत्तर", GH_NAME_ANSWER},
    {"जवाब", GH_NAME_ANSWER},      {"moretime", GH_NAME_MORE_TIME}, {"আরওসময়", GH_NAME_MORE_TIME},
    {"আরোসময়", GH_NAME_MORE_TIME}, {"औरसमय", GH_NAME_MORE_TIME},    {"अधिकसमय", GH_NAME_MORE_TIME},
};
/* They may stand before the number, and behind it. */
static const char *const number_words[] = {"to",   "question", "number", "no",
                                           "প্রশ্ন", "নম্বর",     "নং",     "प्रश्न"};
static const char *const copy_words[] = {"copy", "copyof"};

#define NUMBER_DIGITS 12

/* Blanks of any kind, and what people write for them. */
static void skip_blanks(const char **at)
{
    static const char *const blanks[] = {" ", "_", "-", ".", "#", ":", "\xc2\xa0", "\xe2\x80\x93"};
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < GH_LEN(blanks); i++)
            if (gh_starts(*at, blanks[i])) {
                *at += strlen(blanks[i]);
                more = true;
            }
    }
}

/* Is the word there, with blanks within it or not? */
static bool take_word(const char **at, const char *word)
{
    const char *p = *at;
    GH_AUTO_FREE char *folded = gh_text_fold(word, strlen(word));
    for (const char *w = folded; *w; w++, p++) {
        if (*p != *w)
            skip_blanks(&p);
        if (*p != *w)
            return false;
    }
    *at = p;
    return true;
}

/* A digit of ASCII, Bengali (U+09E6) or Devanagari (U+0966); -1: none. */
static int take_digit(const char **at)
{
    const unsigned char *p = (const unsigned char *)*at;
    if (p[0] >= '0' && p[0] <= '9') {
        *at += 1;
        return p[0] - '0';
    }
    unsigned first = p[0] == 0xe0 && p[1] == 0xa7 ? 0xa6 : p[0] == 0xe0 && p[1] == 0xa5 ? 0xa6 : 0;
    if (!first || p[2] < first || p[2] > first + 9)
        return -1;
    *at += 3;
    return p[2] - (int)first;
}

static bool take_number(const char **at, int64_t *ret)
{
    int digit, n = 0;
    for (*ret = 0; (digit = take_digit(at)) >= 0; n++) {
        if (n == NUMBER_DIGITS)
            return false;
        *ret = *ret * 10 + digit;
    }
    return *ret > 0;
}

/* Nothing more, or the mark of a second copy. */
static bool is_end(const char *at)
{
    int64_t copy;
    skip_blanks(&at);
    for (size_t i = 0; i < GH_LEN(copy_words); i++)
        if (take_word(&at, copy_words[i]))
            skip_blanks(&at);
    if (*at == '(') {
        at++;
        if (!take_number(&at, &copy) || *at++ != ')')
            return false;
    }
    while (*at == '!')
        at++;
    skip_blanks(&at);
    return !*at;
}

enum gh_name_reply gh_name_reply(const char *name, bool folder, int64_t *ret_question)
{
    if (!folder && !gh_name_text(name))
        return GH_NAME_NO_REPLY;
    GH_AUTO_FREE char *folded = gh_text_fold(name, folder ? strlen(name) : gh_name_stem(name));
    const char *start = folded;
    skip_blanks(&start);
    for (size_t i = 0; i < GH_LEN(reply_words); i++) {
        const char *at = start;
        int64_t number;
        if (!take_word(&at, reply_words[i].word))
            continue;
        skip_blanks(&at);
        for (size_t k = 0; k < GH_LEN(number_words); k++)
            if (take_word(&at, number_words[k]))
                skip_blanks(&at);
        if (!take_number(&at, &number) || !is_end(at))
            continue;
        *ret_question = number;
        return reply_words[i].reply;
    }
    return GH_NAME_NO_REPLY;
}

bool gh_name_urgent(const char *name)
{
    return gh_ends(name, "!") || gh_ends(name, "\xef\xbc\x81"); /* the full-width one, too */
}
