/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of names: junk patterns (fnmatch, without case) and extensions. */
#include "daemon/names.h"

#include "base/str.h"
#include "base/text.h"

#include <fnmatch.h>
#include <string.h>

/* Names starting with a dot are junk as a whole: .DS_Store ._* .~lock* .syncthing.* .rsync-temps .x.jpg.AbC123
 * .TemporaryItems */
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
    {"jpg", GH_PHOTO},  {"jpeg", GH_PHOTO}, {"heic", GH_PHOTO}, {"heif", GH_PHOTO}, {"avif", GH_PHOTO},
    {"png", GH_PHOTO},  {"webp", GH_PHOTO}, {"tif", GH_PHOTO},  {"tiff", GH_PHOTO}, {"gif", GH_PHOTO},
    {"mp4", GH_VIDEO},  {"mov", GH_VIDEO},  {"m4v", GH_VIDEO},  {"3gp", GH_VIDEO},  {"3g2", GH_VIDEO},
    {"mkv", GH_VIDEO},  {"webm", GH_VIDEO}, {"avi", GH_VIDEO},  {"ts", GH_VIDEO},   {"mts", GH_VIDEO},
    {"m2ts", GH_VIDEO}, {"mpg", GH_VIDEO},  {"mpeg", GH_VIDEO},
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
    return has_ext(name, "txt");
}

bool gh_name_caption(const char *name)
{
    return strcasecmp(name, "caption.txt") == 0;
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

char *gh_name_stem_key(const char *name)
{
    return gh_text_fold(name, gh_name_stem(name));
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

bool gh_name_urgent(const char *name)
{
    return gh_ends(name, "!") || gh_ends(name, "\xef\xbc\x81"); /* the full-width one, too */
}
