/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mark is the inode's number with the time at which it was made, so that a number that is used
 * again is no old acquaintance. The number of the device is no part of it: disks are numbered anew
 * at each boot. The identity of the file system is, where it is made from its UUID (the roots of
 * two volumes have one number, and may be of one second), and where no time is kept. The ledger
 * keeps both ways: which mark a name has, and which name a mark has, so that a folder under another
 * department's name is found though that name was never seen. Owns nothing.
 *
 * Where a file system numbers its inodes anew at each mount (FAT, exFAT, FUSE, SMB, 9P), or says no
 * number that lasts, the mark is a file that ghatd puts into the folder, with a token drawn for it.
 * Each name has its own token: a file that was copied is nobody's there, and does no harm where it
 * was copied from.
 */
#include "daemon/site/folder.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/secret.h"
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
#include <unistd.h>

#define TOKEN_BYTES 16
#define TOKEN_HEX (2 * TOKEN_BYTES + 1)
#define BY_FILE "file."          /* a mark that a token follows */
#define EXFAT_MAGIC 0x2011bab0ul /* newer headers have it */

struct mark {
    char text[112];
    uid_t uid;
    unsigned mode;
    bool lasts; /* the text is the same after the next mount */
};

/* Of these the identity is made from the UUID, and so the same at each mount and on each device. */
static bool has_lasting_id(const struct statfs *fs)
{
    unsigned long type = (unsigned long)fs->f_type;
    return type == EXT4_SUPER_MAGIC || type == BTRFS_SUPER_MAGIC || type == F2FS_SUPER_MAGIC;
}

static bool renumbers(const struct statfs *fs)
{
    static const unsigned long types[] = {MSDOS_SUPER_MAGIC, EXFAT_MAGIC,      FUSE_SUPER_MAGIC,
                                          CIFS_SUPER_MAGIC,  SMB2_SUPER_MAGIC, SMB_SUPER_MAGIC,
                                          V9FS_MAGIC};
    for (size_t i = 0; i < GH_LEN(types); i++)
        if ((unsigned long)fs->f_type == types[i])
            return true;
    return false;
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
    ret->lasts = !renumbers(&fs);
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

/* ------------------------------------------------------------------------------ marked by a file
 */

static void mark_by(const char *token, struct mark *ret)
{
    GH_FORMAT(ret->text, BY_FILE "%s", token);
    ret->lasts = true;
}

/* Does the error say that no token of ours is there, and not that nobody can tell now? */
static bool is_no_token(int code)
{
    return code == ENOENT || code == ELOOP || code == ENXIO || code == EACCES || code == EPERM;
}

/* 1: the token that lies in the folder; 0: there is none, or what has its name is none. */
static int read_token(int dir, char ret[TOKEN_HEX], struct gh_err *err)
{
    struct stat st;
    char text[TOKEN_HEX] = "";
    GH_AUTO_FD fd = openat(dir, GH_FOLDER_TOKEN, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && is_no_token(errno))
        return 0;
    if (fd < 0 || fstat(fd, &st) < 0)
        return gh_fail_errno(err, GH_OK, "cannot open " GH_FOLDER_TOKEN);
    if (!S_ISREG(st.st_mode))
        return 0;
    ssize_t n = pread(fd, text, TOKEN_HEX - 1, 0);
    if (n < 0)
        return gh_fail_errno(err, GH_OK, "cannot read " GH_FOLDER_TOKEN);
    if (n != TOKEN_HEX - 1 || !gh_is_hex(text, TOKEN_HEX - 1))
        return 0;
    memcpy(ret, text, TOKEN_HEX);
    return 1;
}

static int write_token(int dir, const char *token, struct mark *mark, struct gh_err *err)
{
    TRY(gh_write_file(dir, GH_FOLDER_TOKEN, token, TOKEN_HEX - 1, 0, err));
    mark_by(token, mark);
    return 0;
}

static int draw_token(int dir, struct mark *mark, struct gh_err *err)
{
    char token[TOKEN_HEX];
    gh_secret_draw(TOKEN_BYTES, token);
    return write_token(dir, token, mark, err);
}

/* ----------------------------------------------------------------------------------- the ledger
 */

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

static int record(struct gh_ledger *l, const char *folder, const struct mark *mark,
                  struct gh_err *err)
{
    struct keys keys;
    make_keys(folder, mark, &keys);
    TRY(gh_ledger_set_setting(l, keys.mark_of, mark->text, err));
    return gh_ledger_set_setting(l, keys.name_of, keys.name, err);
}

/* r is the ledger's answer, or another folder's. */
static int by_ledger(struct gh_folder_found *ret, int r)
{
    ret->ledger |= r < 0;
    return r;
}

/* A folder that is as it was known, and whose file is gone, gets the same file again. */
static int write_again(struct gh_ledger *l, const char *folder, int fd, struct mark *mark,
                       struct gh_folder_found *ret, struct gh_err *err)
{
    GH_AUTO_FREE char *known = NULL;
    struct keys keys;
    make_keys(folder, mark, &keys);
    TRY(by_ledger(ret, gh_ledger_setting(l, keys.mark_of, &known, err)));
    if (!known || !gh_starts(known, BY_FILE))
        return 0;
    int r = write_token(fd, known + strlen(BY_FILE), mark, err);
    if (r < 0)
        ret->unmarked = *err;
    return r;
}

/* Is what has that mark the folder of that name? number: its mark without its file. 1: it is, and
 * its mark is to be recorded. */
static int compare(struct gh_ledger *l, const char *folder, const struct mark *number,
                   const struct mark *mark, struct gh_err *err)
{
    GH_AUTO_FREE char *known = NULL;
    GH_AUTO_FREE char *whose = NULL;
    struct keys keys;
    make_keys(folder, mark, &keys);
    TRY(gh_ledger_setting(l, keys.mark_of, &known, err));
    TRY(gh_ledger_setting(l, keys.name_of, &whose, err));
    bool others = whose && !gh_streq(whose, keys.name);
    /* Within one mount the number does: so it was known before it had a file, or has none. */
    bool same = known && (gh_streq(known, mark->text) || gh_streq(known, number->text));
    if (others || (known && !same))
        return gh_fail_code(err, GH_CONFIG, ESTALE, "%s (its owner is user %u, its mode %04o)",
                            others ? "this folder was another department's before"
                                   : "another folder was put in its place",
                            (unsigned)number->uid, number->mode);
    return !known || !gh_streq(known, mark->text);
}

/* Its mark: its number, or what its file says. */
static int read_marks(int fd, struct mark *ret_number, struct mark *ret, struct gh_err *err)
{
    char token[TOKEN_HEX];
    TRY(read_mark(fd, ret_number, err));
    *ret = *ret_number;
    int has = ret->lasts ? 0 : read_token(fd, token, err);
    TRY(has);
    if (has)
        mark_by(token, ret);
    return 0;
}

int gh_folder_known(struct gh_ledger *l, const char *folder, int fd, bool held,
                    struct gh_folder_found *ret, struct gh_err *err)
{
    struct mark number, mark;
    *ret = (struct gh_folder_found){0};
    TRY(read_marks(fd, &number, &mark, err));
    if (held && number.lasts)
        return 0;
    if (held && !mark.lasts)
        TRY(write_again(l, folder, fd, &mark, ret, err));
    int fresh = by_ledger(ret, compare(l, folder, &number, &mark, err));
    TRY(fresh);
    /* Where there can be no file it keeps its number. */
    if (!mark.lasts && draw_token(fd, &mark, &ret->unmarked) == 0)
        fresh = 1;
    ret->by_file = !number.lasts && mark.lasts;
    return fresh ? by_ledger(ret, record(l, folder, &mark, err)) : 0;
}

bool gh_folder_is_other(const struct gh_err *err)
{
    return err->cls == GH_CONFIG && err->code == ESTALE;
}

int gh_folder_open(struct gh_ledger *l, int drop, const char *folder, int *ret_fd,
                   struct gh_err *err)
{
    GH_AUTO_FD fd = -1;
    TRY(gh_open_dir(drop, folder, &fd, err));
    struct mark number, mark;
    TRY(read_marks(fd, &number, &mark, err));
    int fresh = compare(l, folder, &number, &mark, err);
    TRY(fresh);
    if (fresh && mark.lasts)
        TRY(record(l, folder, &mark, err));
    *ret_fd = gh_steal_fd(&fd);
    return 0;
}

bool gh_folder_offline(const struct gh_err *err)
{
    return err->code == ENOENT || err->code == ESTALE;
}

/* The mark of a folder that is confirmed. A file that came with a copy of another department's
 * folder, or a medium of it, gives way to one of its own. */
static int own_mark(struct gh_ledger *l, const char *folder, int fd, struct mark *ret,
                    struct gh_err *err)
{
    GH_AUTO_FREE char *whose = NULL;
    struct mark number;
    struct keys keys;
    struct gh_err why;
    TRY(read_marks(fd, &number, ret, err));
    if (number.lasts)
        return 0;
    make_keys(folder, ret, &keys);
    TRY(ret->lasts ? gh_ledger_setting(l, keys.name_of, &whose, err) : 0);
    if (whose && !gh_streq(whose, keys.name))
        return draw_token(fd, ret, err);
    if (!ret->lasts)
        (void)!draw_token(fd, ret, &why); /* whoever looks at it next says why */
    return 0;
}

int gh_folder_confirm(struct gh_ledger *l, const struct gh_who *who, const char *folder, int fd,
                      struct gh_err *err)
{
    struct mark mark;
    GH_AUTO_STR shown = {0};
    TRY(own_mark(l, folder, fd, &mark, err));
    gh_str_display(&shown, folder, strlen(folder));
    GH_AUTO_FREE char *detail =
        gh_asprintf("%s: its mark %s, owner uid %u, mode %04o", gh_str_text(&shown), mark.text,
                    (unsigned)mark.uid, mark.mode);
    TRY(gh_ledger_begin(l, err));
    int r = record(l, folder, &mark, err);
    if (r >= 0)
        r = gh_ledger_note(l, who, 0, "folder-confirmed", detail, err);
    return gh_ledger_end(l, r, err);
}
