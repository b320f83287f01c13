/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inotify by descriptor (through /proc/self/fd, so that no path is resolved twice). Owns the watch numbers' names. */
#include "daemon/watch.h"

#include "base/map.h"
#include "base/str.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/vfs.h>

#define HINTS                                                                                                          \
    (IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF)
#define SELF (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)
#define ROUNDS 16 /* buffers read in one go: other events get their turn */

struct ref {
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

static void on_event(struct gh_watch *w, const struct inotify_event *e)
{
    if (e->mask & IN_Q_OVERFLOW) {
        w->fn(w->arg, NULL, 0, NULL);
        return;
    }
    struct ref *ref = gh_map_get(&w->refs, &e->wd, sizeof(e->wd));
    if (!ref)
        return;
    if (e->mask & (IN_MOVE_SELF | IN_DELETE_SELF | IN_UNMOUNT | IN_IGNORED))
        gh_map_remove(&w->refs, &e->wd, sizeof(e->wd));
    if (e->mask & IN_MOVE_SELF) /* wherever it is now, it is found and watched anew there */
        inotify_rm_watch(w->fd, e->wd);
    if (e->mask & SELF) {
        w->fn(w->arg, ref->bytes, ref->len, NULL);
        free(ref);
    } else if (e->len && *e->name) {
        w->fn(w->arg, ref->bytes, ref->len, e->name);
    } else {
        w->fn(w->arg, ref->bytes, ref->len, NULL); /* attributes of the directory itself */
    }
}

static void readable(struct gh_loop *loop, int fd, uint32_t events, void *arg)
{
    (void)loop, (void)events;
    struct gh_watch *w = arg;
    char buf[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
    for (int round = 0; round < ROUNDS; round++) {
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

int gh_watch_open(struct gh_loop *loop, gh_watch_fn *fn, void *arg, struct gh_watch **ret, struct gh_err *err)
{
    GH_AUTO(gh_watch_close) struct gh_watch *w = gh_alloc(sizeof(*w));
    *w = (struct gh_watch){.loop = loop, .fn = fn, .arg = arg, .fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
    if (w->fd < 0)
        return gh_fail_errno(err, GH_LIMIT, "the kernel grants no inotify (fs.inotify.max_user_instances)");
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
        free(r);
    gh_map_free(&w->refs);
    free(w);
    *p = NULL;
}

int gh_watch_add(struct gh_watch *w, int dirfd, const void *ref, size_t ref_len, struct gh_err *err)
{
    char self[40];
    snprintf(self, sizeof(self), "/proc/self/fd/%d", dirfd);
    int wd = inotify_add_watch(w->fd, self, HINTS | IN_EXCL_UNLINK);
    if (wd < 0)
        return gh_fail_errno(err, errno == ENOSPC ? GH_LIMIT : GH_SYSTEM,
                             "cannot watch a folder (fs.inotify.max_user_watches)");
    struct ref *copy = gh_alloc(sizeof(*copy) + ref_len);
    copy->len = ref_len;
    if (ref_len)
        memcpy(copy->bytes, ref, ref_len);
    free(gh_map_put(&w->refs, &wd, sizeof(wd), copy));
    return 0;
}

size_t gh_watch_count(const struct gh_watch *w)
{
    return w->refs.n;
}

const char *gh_watch_blind(int dirfd)
{
    /* linux/magic.h does not have them all; changes made by other clients of these raise no event here */
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
