/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The folder: looked through now and then, and when something happens in it. A receipt is read when
 * it has rested for the quiet time and nobody writes it; ledger first, then it is removed, so that
 * a crash in between counts it once. The folder is the agency's: links are not followed, and what
 * we write there replaces nothing but our own.
 */
#include "daemon/receipt/receipt.h"

#include "daemon/intake/copy.h"
#include "daemon/loop/watch.h"
#include "daemon/receipt/words.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/names.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP 64         /* receipts of one step … */
#define STEP_COMMITS 8  /* … and of those such that may be a commit each */
#define PAUSE_MS 10     /* between steps: other events get their turn */
#define HINT_MS 100     /* from an event to a look */
#define FUTURE_MS 60000 /* a file of a clock that was set back since is not waited for */
#define TOLD "Not understood.txt"
#define ASIDE "Not understood"
#define TOLD_OLD "Not understood before.txt"
#define TOLD_MAX (1 << 20) /* bytes; then it gets the other name */

struct gh_receipts {
    struct gh_loop *loop;
    struct gh_ledger *ledger;
    const struct gh_settings *settings;
    int folder; /* borrowed */
    struct gh_watch *watch;
    uint64_t timer;
    DIR *dir;     /* of a round that is under way */
    bool waits;   /* something in it has not rested yet … */
    bool pressed; /* … or came while it ran */
    bool held;    /* the ledger takes nothing now: the round ends */
    unsigned counted, known, refused;
};

static void on_timer(struct gh_loop *loop, void *arg);

static void look_in(struct gh_receipts *r, int64_t ms)
{
    gh_loop_cancel(r->loop, &r->timer);
    r->timer = gh_loop_after(r->loop, ms, on_timer, r);
}

/* ---------------------------------------------------------------------------------- what is told
 */

/* The text of what was not understood, to write at its end. -1: it cannot be had. */
static int open_told(int folder)
{
    static const char head[] = "\xef\xbb\xbf"
                               "Ghat could not count these receipts. Look at the reason, then drop "
                               "a right one.\r\n\r\n";
    struct stat st;
    for (int again = 0; again < 2; again++) {
        GH_AUTO_FD fd =
            openat(folder, TOLD,
                   O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0640);
        bool ours = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
                    st.st_uid == geteuid() && st.st_nlink == 1;
        if (ours && st.st_size < TOLD_MAX) {
            if (st.st_size == 0)
                (void)!write(fd, head, sizeof(head) - 1);
            return gh_steal_fd(&fd);
        }
        if (ours ? renameat(folder, TOLD, folder, TOLD_OLD) < 0 : unlinkat(folder, TOLD, 0) < 0)
            return -1;
    }
    return -1;
}

/* False: it could not be told. */
static bool tell(struct gh_receipts *r, const char *name, const struct gh_err *why)
{
    char when[GH_TIME_ISO];
    GH_AUTO_STR line = {0};
    GH_AUTO_FD fd = open_told(r->folder);
    gh_time_iso(gh_now_ms(), when, sizeof(when));
    gh_str_printf(&line, "%.10s %.5s  ", when, when + 11);
    gh_str_display(&line, name, strlen(name));
    gh_str_puts(&line, ": ");
    gh_str_display(&line, why->msg, strlen(why->msg));
    gh_str_puts(&line, "\r\n");
    if (fd < 0 || write(fd, line.data, line.len) != (ssize_t)line.len)
        return false;
    r->refused++;
    return true;
}

/* What is too large for a receipt may be a picture of a post: it is put aside, not removed. */
static bool put_aside(const struct gh_receipts *r, const char *name)
{
    (void)!mkdirat(r->folder, ASIDE, 0770);
    GH_AUTO_FD aside = openat(r->folder, ASIDE, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return aside >= 0 && renameat(r->folder, name, aside, name) == 0;
}

/* Is it still the file that was read? Another one that has its name by now is read, too. */
static bool is_same(const struct gh_receipts *r, const char *name, const struct stat *was)
{
    struct stat st;
    return fstatat(r->folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == was->st_dev &&
           st.st_ino == was->st_ino && st.st_ctim.tv_sec == was->st_ctim.tv_sec &&
           st.st_ctim.tv_nsec == was->st_ctim.tv_nsec;
}

/* --------------------------------------------------------------------------------- one receipt */

static bool is_told(const char *name)
{
    return gh_streq(name, TOLD) || gh_streq(name, TOLD_OLD);
}

/* Has it rested? Its ctime is the kernel's, whatever its owner set; who writes it is asked, too. */
static bool has_rested(const struct gh_receipts *r, int fd, const struct stat *st)
{
    int64_t age =
        gh_now_ms() - ((int64_t)st->st_ctim.tv_sec * 1000 + st->st_ctim.tv_nsec / 1000000);
    bool rested = age >= (int64_t)r->settings->conf.quiet_ms || age < -FUTURE_MS;
    return rested && !gh_copy_being_written(fd);
}

static int read_receipt(const struct gh_receipts *r, int fd, const struct stat *st,
                        const char *name, bool *ret_changed, struct gh_err *err)
{
    char actor[48];
    GH_AUTO_FREE char *bytes = NULL;
    size_t n;
    if (st->st_size > GH_RECEIPT_BYTES)
        return gh_fail(err, GH_INPUT, "a receipt has at most %d bytes: it is a link, or empty",
                       GH_RECEIPT_BYTES);
    TRY(gh_read_fd(fd, GH_RECEIPT_BYTES, &bytes, &n, err));
    GH_FORMAT(actor, "uid:%u by receipt", (unsigned)st->st_uid);
    const struct gh_who who = {.actor = actor};
    return gh_receipt_count(r->ledger, &who, name, bytes, n, ret_changed, err);
}

/* GH_INPUT, GH_LIMIT, GH_USAGE: told, and gone. Everything else may pass: it is left. */
static bool is_its_fault(const struct gh_err *err)
{
    return err->cls == GH_INPUT || err->cls == GH_LIMIT || err->cls == GH_USAGE;
}

static void take_receipt(struct gh_receipts *r, const char *name)
{
    struct gh_err err = {0};
    struct stat st;
    bool changed = false;
    GH_AUTO_FD fd = -1;
    if (fstatat(r->folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISDIR(st.st_mode))
        return;
    int done = 0;
    if (!S_ISREG(st.st_mode))
        done = gh_fail(&err, GH_INPUT, "it is no file");
    else if (gh_open_beneath(r->folder, name, O_RDONLY, &fd, &err) < 0 || fstat(fd, &st) < 0)
        done = gh_fail(&err, GH_INPUT, "it cannot be read: its permissions keep Ghat out");
    else if (!S_ISREG(st.st_mode)) /* another one by now */
        return;
    else if (!has_rested(r, fd, &st)) {
        r->waits = true;
        return;
    } else
        done = read_receipt(r, fd, &st, name, &changed, &err);
    if (done < 0 && !is_its_fault(&err)) {
        gh_log_err(GH_LOG_WARNING, "receipt-waits", &err, "name=%s", gh_log_quote(name));
        r->held = true;
        return;
    }
    bool large = S_ISREG(st.st_mode) && st.st_size > GH_RECEIPT_BYTES;
    if (done < 0 && !tell(r, name, &err)) { /* it stays, and so does the reason */
        gh_log_err(GH_LOG_WARNING, "receipt-refused", &err, "name=%s told=no", gh_log_quote(name));
        r->held = true;
        return;
    }
    if (done == 0)
        changed ? r->counted++ : r->known++;
    if (!is_same(r, name, &st)) {
        r->pressed = true;
        return;
    }
    if (large && put_aside(r, name))
        return;
    if (unlinkat(r->folder, name, 0) < 0 && errno != ENOENT) {
        err = (struct gh_err){0};
        gh_fail_errno(&err, GH_SYSTEM, "cannot remove a receipt");
        gh_log_err(GH_LOG_WARNING, "receipt-stays", &err, "name=%s", gh_log_quote(name));
        r->held = true;
    }
}

/* -------------------------------------------------------------------------------------- rounds */

static void end_round(struct gh_receipts *r)
{
    if (r->dir)
        closedir(r->dir);
    r->dir = NULL;
    if (r->counted + r->known + r->refused)
        gh_log(GH_LOG_INFO, "receipts", "counted=%u known=%u refused=%u", r->counted, r->known,
               r->refused);
    r->counted = r->known = r->refused = 0;
    int64_t quiet = (int64_t)r->settings->conf.quiet_ms + HINT_MS;
    look_in(r, (r->waits || r->pressed) && !r->held ? quiet : (int64_t)r->settings->conf.scan_ms);
    r->waits = r->pressed = r->held = false;
}

static void begin_round(struct gh_receipts *r)
{
    int fd = openat(r->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    r->dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!r->dir && fd >= 0)
        close(fd);
}

static void on_timer(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_receipts *r = arg;
    const struct dirent *e = NULL;
    r->timer = 0;
    if (!r->dir)
        begin_round(r);
    const unsigned enough = r->counted + r->known + STEP_COMMITS;
    for (unsigned n = 0;
         n < STEP && r->counted + r->known < enough && !r->held && r->dir && (e = readdir(r->dir));
         n++)
        if (!gh_name_junk(e->d_name) && !is_told(e->d_name))
            take_receipt(r, e->d_name);
    if (e && !r->held)
        look_in(r, PAUSE_MS);
    else
        end_round(r);
}

static void on_event(void *arg, const void *ref, size_t ref_len, const char *name,
                     enum gh_watch_what what)
{
    (void)ref, (void)ref_len, (void)what;
    struct gh_receipts *r = arg;
    if (name && (is_told(name) || gh_name_junk(name)))
        return;
    if (r->dir)
        r->pressed = true; /* the round may be past it */
    else
        look_in(r, HINT_MS);
}

/* ----------------------------------------------------------------------------- opening, closing */

struct gh_receipts *gh_receipts_open(struct gh_loop *loop, struct gh_ledger *ledger,
                                     const struct gh_settings *settings, int dir)
{
    struct gh_err err = {0};
    struct gh_receipts *r = gh_alloc(sizeof(*r));
    *r = (struct gh_receipts){.loop = loop, .ledger = ledger, .settings = settings, .folder = dir};
    if (dir < 0)
        return r;
    if (settings->conf.inotify && (gh_watch_open(loop, on_event, r, &r->watch, &err) < 0 ||
                                   gh_watch_add(r->watch, dir, "", 0, NULL, &err) < 0))
        gh_log_err(GH_LOG_NOTICE, "receipts-not-watched", &err, "scan=yes");
    look_in(r, HINT_MS);
    return r;
}

void gh_receipts_stop(struct gh_receipts *r)
{
    gh_loop_cancel(r->loop, &r->timer);
    gh_watch_close(&r->watch);
}

void gh_receipts_close(struct gh_receipts **pr)
{
    struct gh_receipts *r = *pr;
    if (!r)
        return;
    gh_receipts_stop(r);
    if (r->dir)
        closedir(r->dir);
    gh_free_ptr(pr);
}
