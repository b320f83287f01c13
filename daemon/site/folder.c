/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mark is the inode's number with the time at which it was made, so that a number that is used
 * again is no old acquaintance. The number of the device is no part of it: disks are numbered anew
 * at each boot. The identity of the file system is, where it is made from its UUID (the roots of
 * two volumes have one number, and may be of one second), and where no time is kept. The ledger
 * keeps both ways: which mark a name has, and which name a mark has, so that a folder under another
 * department's name is found though that name was never seen. Owns nothing.
 */
#include "daemon/site/folder.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"
#include "daemon/ledger/audit.h"
#include "daemon/ledger/choices.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

struct mark {
    char text[112];
    uid_t uid;
    unsigned mode;
};

/* Of these the identity is made from the UUID, and so the same at each mount and on each device. */
static bool has_lasting_id(const struct statfs *fs)
{
    unsigned long type = (unsigned long)fs->f_type;
    return type == EXT4_SUPER_MAGIC || type == BTRFS_SUPER_MAGIC || type == F2FS_SUPER_MAGIC;
}

static int read_mark(int fd, struct mark *ret, struct gh_err *err)
{
    struct statx st;
    struct statfs fs;
    if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &st) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot look at a department's folder");
    if (fstatfs(fd, &fs) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot look at a department's file system");
    ret->uid = st.stx_uid;
    ret->mode = st.stx_mode & 07777;
    unsigned id[2] = {0};
    memcpy(id, &fs.f_fsid, GH_MIN(sizeof(id), sizeof(fs.f_fsid)));
    char volume[40] = "";
    bool born = (st.stx_mask & STATX_BTIME) && (st.stx_btime.tv_sec || st.stx_btime.tv_nsec);
    if (!born || has_lasting_id(&fs))
        GH_FORMAT(volume, ".%lx.%08x%08x", (unsigned long)fs.f_type, id[0], id[1]);
    if (born)
        GH_FORMAT(ret->text, "%" PRIu64 ".%" PRId64 ".%u%s", (uint64_t)st.stx_ino,
                  (int64_t)st.stx_btime.tv_sec, (unsigned)st.stx_btime.tv_nsec, volume);
    else
        GH_FORMAT(ret->text, "%" PRIu64 "%s", (uint64_t)st.stx_ino, volume);
    return 0;
}

/* Names are bytes, and keys and values of the ledger are text. */
struct keys {
    char name[GH_SHA_HEX]; /* stands for the folder's name */
    char mark_of[GH_SHA_HEX + 16], name_of[128];
};

static void make_keys(const char *folder, const struct mark *mark, struct keys *ret)
{
    gh_hash_mem(folder, strlen(folder), ret->name);
    GH_FORMAT(ret->mark_of, "folder.mark:%s", ret->name);
    GH_FORMAT(ret->name_of, "folder.name:%s", mark->text);
}

static int record(struct gh_ledger *l, const struct keys *keys, const struct mark *mark,
                  struct gh_err *err)
{
    TRY(gh_ledger_set_setting(l, keys->mark_of, mark->text, err));
    return gh_ledger_set_setting(l, keys->name_of, keys->name, err);
}

int gh_folder_known(struct gh_ledger *l, const char *folder, int fd, struct gh_err *err)
{
    GH_AUTO_FREE char *known = NULL;
    GH_AUTO_FREE char *whose = NULL;
    struct mark mark;
    struct keys keys;
    TRY(read_mark(fd, &mark, err));
    make_keys(folder, &mark, &keys);
    TRY(gh_ledger_setting(l, keys.mark_of, &known, err));
    TRY(gh_ledger_setting(l, keys.name_of, &whose, err));
    bool others = whose && !gh_streq(whose, keys.name);
    if (known && gh_streq(known, mark.text) && !others)
        return 0;
    if (!known && !others)
        return record(l, &keys, &mark, err);
    return gh_fail_code(err, GH_CONFIG, ESTALE, "%s (its owner is user %u, its mode %04o)",
                        others ? "this folder was another department's before"
                               : "another folder was put in its place",
                        (unsigned)mark.uid, mark.mode);
}

int gh_folder_open(struct gh_ledger *l, int drop, const char *folder, int *ret_fd,
                   struct gh_err *err)
{
    GH_AUTO_FD fd = -1;
    TRY(gh_open_dir(drop, folder, &fd, err));
    TRY(gh_folder_known(l, folder, fd, err));
    *ret_fd = gh_steal_fd(&fd);
    return 0;
}

bool gh_folder_offline(const struct gh_err *err)
{
    return err->code == ENOENT || err->code == ESTALE;
}

int gh_folder_confirm(struct gh_ledger *l, const struct gh_who *who, const char *folder, int fd,
                      struct gh_err *err)
{
    struct mark mark;
    struct keys keys;
    GH_AUTO_STR shown = {0};
    TRY(read_mark(fd, &mark, err));
    make_keys(folder, &mark, &keys);
    gh_str_display(&shown, folder, strlen(folder));
    GH_AUTO_FREE char *detail =
        gh_asprintf("%s: inode, birth and volume %s, owner uid %u, mode %04o", gh_str_text(&shown),
                    mark.text, (unsigned)mark.uid, mark.mode);
    TRY(gh_ledger_begin(l, err));
    int r = record(l, &keys, &mark, err);
    if (r >= 0)
        r = gh_ledger_note(l, who, 0, "folder-confirmed", detail, err);
    return gh_ledger_end(l, r, err);
}
