/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes as ghatd writes them: after each commit, for the submission touched, with what was sent before under the same
 * name. */
#include "daemon/daemon.h"
#include "daemon/notes.h"
#include "daemon/notes_text.h"

#include "base/file.h"
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define TOLD 3 /* submissions of one name in one note */

/* Once a department and life: what an earlier life left half-written. */
static void sweep_once(const char *slug, int dir)
{
    static char **swept;
    static size_t n;
    for (size_t i = 0; i < n; i++)
        if (!strcmp(swept[i], slug))
            return;
    swept = gh_realloc(swept, (n + 1) * sizeof(*swept));
    swept[n++] = gh_strdup(slug);
    gh_note_sweep(dir);
}

static int write_note(struct gh_daemon *d, int64_t submission, struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    GH_AUTO_STR text = {0};
    GH_AUTO_FD dir = -1;
    int64_t ids[TOLD];
    char name[256];
    TRY(gh_ledger_get(d->ledger, submission, &item, err));
    const struct gh_department *department = gh_daemon_department(d, item.sub.department);
    if (!department)
        return 0; /* its folder is gone, and so are its readers */
    int n = gh_ledger_same_name(d->ledger, item.sub.department, item.sub.name, item.sub.name_len, ids, TOLD, err);
    TRY(n);
    for (int i = 0; i < n; i++) {
        GH_AUTO(gh_item_free) struct gh_item one = {0};
        TRY(gh_ledger_get(d->ledger, ids[i], &one, err));
        if (i)
            gh_str_printf(&text, "\r\n\r\n==== %s · %s ====\r\n\r\n", gh_label_words[GH_LABEL_EARLIER][GH_LANG_BN],
                          gh_label_words[GH_LABEL_EARLIER][GH_LANG_EN]);
        gh_note_text(&one, department, d->profiles, &text);
    }
    if (gh_open_dir(d->dirs.drop, department->folder, &dir, err) < 0)
        return err->code == ENOENT ? 0 : -err->cls; /* offline: written when it is touched again */
    sweep_once(department->slug, dir);
    gh_note_name(item.sub.name, item.sub.name_len, name);
    return gh_note_put(dir, name, text.data, text.len, err);
}

void gh_notes_write(struct gh_daemon *d, int64_t submission)
{
    static int failing; /* say it once, not for each of ten thousand */
    struct gh_err err = {0};
    if (write_note(d, submission, &err) == 0) {
        failing = 0;
        return;
    }
    if (failing++ == 0)
        gh_log_err(GH_LOG_WARNING, "note-not-written", &err, "id=%" PRId64, submission);
}
