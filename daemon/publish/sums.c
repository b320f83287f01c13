/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file at a time, so that a list of many old videos leaves the pool to everything else. What
 * fails for a reason of the disk is tried again when somebody asks for the list again, a few times:
 * no file keeps the lists of others waiting. */
#include "daemon/publish/sums.h"

#include "base/file.h"
#include "base/log.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>

#define TRIES 3

struct gh_sums {
    struct gh_loop *loop;
    struct gh_ledger *ledger;
    int outbox; /* borrowed */
    char sha256[GH_SHA_HEX];
    char *path; /* of the one that is read; NULL: none is */
    bool stopping;
    unsigned failed; /* times that the file of sha256 could not be read */
    /* what the pool found */
    uint32_t crc;
    bool same;
    struct gh_err err;
};

struct gh_sums *gh_sums_open(struct gh_loop *loop, struct gh_ledger *ledger,
                             const struct gh_dirs *dirs)
{
    struct gh_sums *s = gh_alloc(sizeof(*s));
    *s = (struct gh_sums){.loop = loop, .ledger = ledger, .outbox = dirs->outbox};
    return s;
}

static void read_file(void *arg)
{
    struct gh_sums *s = arg;
    char hex[GH_SHA_HEX];
    GH_AUTO_FD fd = -1;
    if (gh_open_beneath(s->outbox, s->path, O_RDONLY, &fd, &s->err) == 0 &&
        gh_hash_fd_crc(fd, hex, &s->crc, NULL, &s->err) == 0)
        s->same = gh_streq(hex, s->sha256);
}

static void on_read(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_sums *s = arg;
    struct gh_err err = {0};
    GH_AUTO_FREE char *path = s->path;
    s->path = NULL;
    s->failed = s->err.cls && s->err.code != ENOENT ? s->failed + 1 : 0;
    if (s->failed && s->failed < TRIES) {
        gh_log_err(GH_LOG_WARNING, "no-sum", &s->err, "sha256=%.12s", s->sha256);
        return;
    }
    if (!s->err.cls && !s->same)
        gh_log(GH_LOG_ERROR, "no-sum", "sha256=%.12s reason=%s", s->sha256,
               gh_log_quote("the file in the outbox is not what was approved"));
    s->failed = 0;
    if (gh_ledger_crc_found(s->ledger, s->sha256, path, s->same ? &s->crc : NULL, &err) < 0)
        gh_log_err(GH_LOG_WARNING, "no-sum", &err, "sha256=%.12s", s->sha256);
    else
        gh_sums_wake(s);
}

void gh_sums_wake(struct gh_sums *s)
{
    struct gh_err err = {0};
    if (s->path || s->stopping)
        return;
    int r = gh_ledger_crc_wanted(s->ledger, s->sha256, &s->path, &err);
    if (r < 0)
        gh_log_err(GH_LOG_WARNING, "no-sum", &err, "doing=looking");
    if (r <= 0)
        return;
    s->same = false;
    s->err = (struct gh_err){0};
    gh_loop_submit(s->loop, read_file, on_read, s);
}

void gh_sums_stop(struct gh_sums *s)
{
    s->stopping = true;
}

bool gh_sums_busy(const struct gh_sums *s)
{
    return s->path != NULL;
}

void gh_sums_close(struct gh_sums **ps)
{
    if (!*ps)
        return;
    gh_free_ptr(&(*ps)->path);
    gh_free_ptr(ps);
}
