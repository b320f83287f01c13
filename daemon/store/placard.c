/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The placard of a department, as a table of sentences for officers. Owns nothing. */
#include "daemon/store/placard.h"

#include "base/file.h"
#include "base/str.h"
#include "base/words.h"
#include "daemon/store/status.h"

#include <unistd.h>

#define NAME "Ghat.txt"

static const char *const texts[] = {
    [GH_PLACARD_DISK_FULL] =
        GH_W("Ghat's disk is full. Your files are safe in this folder and will be taken by "
             "themselves when there is room. Do not send them again."),
    [GH_PLACARD_SHARE_FULL] =
        GH_W("Many files of your department wait for a decision: its share of Ghat's disk is full. "
             "New files are safe in this folder and will be taken by themselves when there is "
             "room. "
             "Do not send them again."),
    [GH_PLACARD_NOT_CONFIRMED] =
        GH_W("This folder is not the one that Ghat knew under this name. Nothing is taken from it "
             "until an administrator has looked at it. Please tell whoever looks after the file "
             "server. What lies here stays here."),
};

/* The mark at its beginning tells Notepad that it is UTF-8. */
void gh_placard_put(const struct gh_department *d, int folder, enum gh_placard what)
{
    const struct gh_words *words[GH_DEPARTMENT_LANGUAGES];
    size_t n = gh_department_words(d, words);
    GH_AUTO_STR text = {0};
    struct gh_err err = {0};
    gh_str_puts(&text, "\xef\xbb\xbf");
    for (size_t i = 0; i < n; i++)
        gh_str_printf(&text, "%s%s\r\n", i ? "\r\n" : "", gh_word(words[i], NULL, texts[what]));
    /* drop/ may be on another disk; if that is full, too, there is none */
    (void)!gh_status_put(folder, NAME, text.data, text.len, &err);
}

void gh_placard_remove(int folder)
{
    GH_AUTO_FD status = -1;
    struct gh_err err = {0};
    if (gh_open_dir(folder, GH_STATUS_DIR, &status, &err) == 0)
        unlinkat(status, NAME, 0);
}
