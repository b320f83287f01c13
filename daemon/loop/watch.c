/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inotify by descriptor (through /proc/self/fd, so that no path is resolved twice). Owns the names
 * that the caller gave its directories. */
#include "daemon/loop/watch.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/map.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/vfs.h>

#define HINTS                                                                                      \
    (IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE | IN_MOVED_FROM |            \
     IN_DELETE_SELF | IN_MOVE_SELF)
#define SELF (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)
#define READ_US 4000 /* events are read for so long in one go, so that others get their turn */

struct ref {
    size_t *owner; /* counts it; may be NULL */
    size_t len;
    char bytes[];
};

struct gh_watch {
    struct gh_loop *loop;
    int fd;
    gh_watch_fn *fn;
    void *arg;
    struct gh_map refs; /* int wd → struct ref */
};

static void ref_free(struct ref *ref)
{
    if (ref && ref->owner)
        --*ref->owner;
    free(ref);
}

static void on_event(struct gh_watch *w, const struct inotify_event *e)
{
    if (e->mask & IN_Q_OVERFLOW) {
        w->fn(w->arg, NULL, 0, NULL, GH_WATCH_CHANGED);
        return;
    }
    struct ref *ref = gh_map_get(&w->refs, &e->wd, sizeof(e->wd));
    if (!ref)
        return;
    if (e->mask & (IN_MOVE_SELF | IN_DELETE_SELF | IN_UNMOUNT | IN_IGNORED))
        gh_map_remove(&w->refs, &e->wd, sizeof(e->wd));
    if (e->mask & IN_MOVE_SELF) /* the scan finds it at its new place, and watches it anew */
        inotify_rm_watch(w->fd, e->wd);
    if (e->mask & SELF) {
        w->fn(w->arg, ref->bytes, ref->len, NULL, GH_WATCH_CHANGED);
        ref_free(ref);
    } else if (e->len && *e->name) {
        w->fn(w->arg, ref->bytes, ref->len, e->name,
              e->mask & IN_CLOSE_WRITE ? GH_WATCH_CLOSED
              : e->mask & IN_MOVED_TO  ? GH_WATCH_ARRIVED
                                       : GH_WATCH_CHANGED);
    } else {
        /* attributes of the directory itself */
        w->fn(w->arg, ref->bytes, ref->len, NULL, GH_WATCH_CHANGED);
    }
}

static void readable(struct gh_loop *loop, int fd, uint32_t events, void *arg)
{
    (void)loop, (void)events;
    struct gh_watch *w = arg;
    char buf[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
    for (int64_t until = gh_mono_us() + READ_US; gh_mono_us() < until;) {
        ssize_t n = read(fd, buf, sizeof(buf));
        if (n <= 0)
            return;
        for (char *p = buf; p < buf + n;) {
            const struct inotify_event *e = (const void *)p;
            p += sizeof(*e) + e->len;
            on_event(w, e);
        }
    }
}

int gh_watch_open(struct gh_loop *loop, gh_watch_fn *fn, void *arg, struct gh_watch **ret,
                  struct gh_err *err)
{
    GH_AUTO(gh_watch_close) struct gh_watch *w = gh_alloc(sizeof(*w));
    *w = (struct gh_watch){
        .loop = loop, .fn = fn, .arg = arg, .fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
    if (w->fd < 0)
        return gh_fail_errno(err, GH_LIMIT,
                             "the kernel grants no inotify (fs.inotify.max_user_instances)");
    TRY(gh_loop_watch(loop, w->fd, EPOLLIN, readable, w, err));
    *ret = gh_steal(&w);
    return 0;
}

void gh_watch_close(struct gh_watch **p)
{
    struct gh_watch *w = *p;
    if (!w)
        return;
    gh_loop_unwatch(w->loop, w->fd);
    gh_close_fd(&w->fd);
    size_t at = 0;
    for (struct ref *r; (r = gh_map_next(&w->refs, &at));)
        ref_free(r);
    gh_map_free(&w->refs);
    free(w);
    *p = NULL;
}

int gh_watch_add(struct gh_watch *w, int dirfd, const void *ref, size_t ref_len, size_t *owner,
                 struct gh_err *err)
{
    char self[40];
    snprintf(self, sizeof(self), "/proc/self/fd/%d", dirfd);
    int wd = inotify_add_watch(w->fd, self, HINTS | IN_EXCL_UNLINK);
    if (wd < 0)
        return gh_fail_errno(err, errno == ENOSPC ? GH_LIMIT : GH_SYSTEM,
                             "cannot watch a folder (fs.inotify.max_user_watches)");
    struct ref *copy = gh_alloc(sizeof(*copy) + ref_len);
    copy->owner = owner;
    copy->len = ref_len;
    if (owner)
        ++*owner;
    if (ref_len)
        memcpy(copy->bytes, ref, ref_len);
    ref_free(gh_map_put(&w->refs, &wd, sizeof(wd), copy));
    return 0;
}

size_t gh_watch_count(const struct gh_watch *w)
{
    return w->refs.n;
}

size_t gh_watch_most(void)
{
    GH_AUTO_FREE char *text = NULL;
    size_t len = 0;
    struct gh_err err = {0};
    if (gh_read_file(AT_FDCWD, "/proc/sys/fs/inotify/max_user_watches", 64, &text, &len, &err) < 0)
        return 0;
    return strtoul(text, NULL, 10);
}

const char *gh_watch_blind(int dirfd)
{
    /* File systems where a change made by another client raises no event here. linux/magic.h does
     * not have all of their numbers. */
    static const struct {
        unsigned long type;
        const char *why;
    } blind[] = {
        {0xff534d42, "a network file system (cifs)"},
        {0xfe534d42, "a network file system (smb2)"},
        {0x517b, "a network file system (smb)"},
        {0x6969, "a network file system (nfs)"},
        {0x65735546, "a FUSE file system"},
        {0x01021997, "a 9p file system"},
        {0x00c36400, "a network file system (ceph)"},
        {0x5346414f, "a network file system (afs)"},
        {0x786f4256, "a shared folder of a virtual machine"},
    };
    struct statfs fs;
    if (fstatfs(dirfd, &fs) < 0)
        return NULL;
    for (size_t i = 0; i < GH_LEN(blind); i++)
        if ((unsigned long)fs.f_type == blind[i].type)
            return blind[i].why;
    return NULL;
}
