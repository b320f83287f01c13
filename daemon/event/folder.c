/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders are made and removed by their names alone: the drop folder belongs to officers, so
 * nothing is opened, and only what is empty goes. */
#include "daemon/event/folder.h"

#include "daemon/site/folder.h"
#include "daemon/store/status.h"

#include "base/file.h"
#include "base/log.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EOL "\r\n"
#define DAY_MS ((int64_t)24 * 3600 * 1000)
#define AHEAD_MS (31 * DAY_MS)   /* a folder is there so long before */
#define GIVE_UP_MS (30 * DAY_MS) /* … and then it is the officers' */
#define FOLDERS 200              /* of events that wait, and as many of covered ones, at most */

static bool remove_empty(const char *name, void *arg)
{
    const int *dir = arg;
    return unlinkat(*dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT || errno == ENOTDIR;
}

/* With the rights of the folder around it, so that whoever may write there may write here. */
static int make_one(int dir, const char *name, struct gh_err *err)
{
    struct stat st;
    if (fstat(dir, &st) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot read the rights of a folder");
    if (gh_dir_make(dir, name, st.st_mode & 07777, err) < 0)
        return gh_fail(err, GH_SYSTEM, "cannot make a folder: %s", strerror(err->code));
    return 0;
}

/* The same form in each language; whoever copies it fills in one. */
static void form_text(const struct gh_department *d, struct gh_str *out)
{
    const struct gh_words *words[GH_DEPARTMENT_LANGUAGES];
    size_t n = gh_department_words(d, words);
    for (size_t i = 0; i < n; i++) {
        const struct gh_words *w = words[i];
        if (i)
            gh_str_puts(out, EOL "----------------------------------------" EOL EOL);
        gh_str_printf(
            out, "%s" EOL "%s" EOL EOL, gh_word(w, "event form", "To announce an event"),
            gh_word(w, "event form",
                    "Copy the lines below into a new text file, fill them in, and save it in your "
                    "department's folder under a name that begins with \"event\". Or save the "
                    "event from your calendar as an .ics file there. Dates are day/month/year. To "
                    "change or cancel an event, send the lines again with its number."));
        gh_str_printf(out,
                      "%s: " EOL "%s: " EOL "%s: " EOL "%s: " EOL "%s: " EOL "%s: " EOL "%s: " EOL,
                      gh_word(w, "event form", "Event"), gh_word(w, "event form", "Date"),
                      gh_word(w, "event form", "Time"), gh_word(w, "event form", "Until"),
                      gh_word(w, "event form", "Place"), gh_word(w, "event form", "Ward"),
                      gh_word(w, "event form", "Expected"));
        gh_str_printf(out, "%s" EOL,
                      gh_word(w, "event form",
                              "Only for an event that was announced before: Number, and to cancel "
                              "it, Cancelled: yes"));
    }
}

/* English where that is one of the languages, as for other files of ours. */
static void form_name(const struct gh_department *d, struct gh_str *out)
{
    const struct gh_words *words[GH_DEPARTMENT_LANGUAGES], *w, *english = gh_words_of("en");
    size_t n = gh_department_words(d, words);
    w = words[0];
    for (size_t i = 0; i < n; i++)
        w = words[i] == english ? english : w;
    gh_str_printf(out, "%s.txt", gh_word(w, "name of a file", "How to announce an event"));
}

static int write_form(const struct gh_department *d, int dir, struct gh_err *err)
{
    GH_AUTO_STR name = {0};
    GH_AUTO_STR text = {0};
    form_name(d, &name);
    form_text(d, &text);
    return gh_status_put(dir, name.data, text.data, text.len, err);
}

/* Those of events that wait, or of which something came and more may. */
static int make_all(const struct gh_events_parts *p, const struct gh_department *d, int dir,
                    bool covered, int64_t now_ms, struct gh_err *err)
{
    const struct gh_event_filter coming = {.department = d->slug,
                                           .waits = !covered,
                                           .state = covered ? "covered" : NULL,
                                           .from_ms = now_ms - GH_EVENT_FOLDER_STAYS_MS,
                                           .to_ms = now_ms + AHEAD_MS,
                                           .limit = FOLDERS};
    GH_AUTO(gh_event_list_free) struct gh_event_list list = {0};
    TRY(gh_ledger_events(p->ledger, &coming, &list, err));
    for (size_t i = 0; i < list.n; i++) {
        const struct gh_event *e = &list.list[i];
        struct gh_err no = {0};
        if (make_one(dir, e->folder, &no) < 0) /* it keeps no other back */
            gh_log_err(GH_LOG_WARNING, "event-folder", &no, "department=%s event=%" PRId64, d->slug,
                       e->id);
    }
    return 0;
}

int gh_event_folders(const struct gh_events_parts *p, const struct gh_department *d, int64_t now_ms,
                     struct gh_err *err)
{
    GH_AUTO_FD dir = -1;
    if (gh_folder_open(p->ledger, p->dirs->drop, d->folder, &dir, err) < 0)
        return gh_folder_offline(err) ? 0 : -(int)err->cls; /* made when it is back */
    TRY(make_all(p, d, dir, false, now_ms, err));
    TRY(make_all(p, d, dir, true, now_ms, err));
    TRY(gh_ledger_event_folders_over(p->ledger, d->slug, now_ms - GH_EVENT_FOLDER_STAYS_MS,
                                     now_ms - GIVE_UP_MS, remove_empty, &dir, err));
    return write_form(d, dir, err);
}
