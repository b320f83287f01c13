/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Captions written as .docx: ghatd parses none of it. A worker reads each, in the sandbox like
 * every job, from its copy in the spool. One that cannot be read is a file without a text, with the
 * reason in the log, as for texts; a worker that failed for another reason is asked again later.
 * Owns the jobs under way.
 */
#include "daemon/intake/intake_int.h"

#include "base/file.h"
#include "base/names.h"
#include "base/str.h"
#include "daemon/engine/engine.h"

#include <fcntl.h>
#include <string.h>

static void read_next(struct gh_unit *u);

static void unlist(struct gh_unit *u)
{
    struct gh_unit **p = &u->dept->in->readers;
    while (*p != u)
        p = &(*p)->next;
    *p = u->next;
    u->next = NULL;
}

static void end_unit(struct gh_unit *u, bool read)
{
    unlist(u);
    u->read_done(u, read);
}

static void on_text(struct gh_job *job, const char *text, void *arg)
{
    (void)job;
    struct gh_unit *u = arg;
    struct gh_copy_file *f = &u->copy.files[u->read_at];
    free(f->text);
    f->text = gh_strdup(text);
    f->text_len = strlen(text);
}

static void on_end(struct gh_job *job, enum gh_job_end end, const struct gh_err *err, void *arg)
{
    (void)job;
    struct gh_unit *u = arg;
    struct gh_copy_file *f = &u->copy.files[u->read_at++];
    u->reading = NULL;
    if (u->dept->in->stopping || end == GH_END_CANCELLED || end == GH_END_OURS) {
        end_unit(u, false);
        return;
    }
    if (!f->text)
        f->no_text = gh_strdup(err && *err->msg ? err->msg : "the worker gave no reason");
    read_next(u);
}

static const struct gh_job_ops ops = {.on_text = on_text, .on_end = on_end};

static int read_one(struct gh_unit *u, const struct gh_copy_file *f, struct gh_err *err)
{
    struct gh_intake *in = u->dept->in;
    struct gh_job_req req = {.in_fd = -1, .out_dir = -1, .goal = GH_GOAL_READ, .urgent = true};
    TRY(gh_open_beneath(in->p.dirs->spool, f->sha256, O_RDONLY, &req.in_fd, err));
    return gh_engine_submit(in->p.engine, &req, &ops, u, &u->reading, err);
}

static void read_next(struct gh_unit *u)
{
    struct gh_err err;
    for (; u->read_at < u->copy.n; u->read_at++) {
        const struct gh_copy_file *f = &u->copy.files[u->read_at];
        if (!u->dept->in->p.engine || !u->caption[u->read_at] || f->how != GH_COPY_COPIED ||
            !gh_name_document(f->path))
            continue;
        if (read_one(u, f, &err) < 0)
            end_unit(u, false);
        return;
    }
    end_unit(u, true);
}

void gh_documents_read(struct gh_unit *u, void (*done)(struct gh_unit *unit, bool read))
{
    u->read_done = done;
    u->read_at = 0;
    u->next = u->dept->in->readers;
    u->dept->in->readers = u;
    read_next(u);
}

void gh_documents_stop(struct gh_intake *in)
{
    for (struct gh_unit *u = in->readers; u; u = u->next)
        gh_job_cancel(u->reading);
}
