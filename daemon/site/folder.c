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

#define TOKEN_FILE ".ghat-folder"
#define TOKEN_BYTES 16
#define TOKEN_HEX (2 * TOKEN_BYTES + 1)
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
    GH_FORMAT(ret->text, "file.%s", token);
    ret->lasts = true;
}

/* The token that lies in the folder. False: there is none, or what has its name is none. */
static bool read_token(int dir, char ret[TOKEN_HEX])
{
    struct stat st;
    char text[TOKEN_HEX];
    GH_AUTO_FD fd = openat(dir, TOKEN_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
        pread(fd, text, TOKEN_HEX - 1, 0) != TOKEN_HEX - 1)
        return false;
    text[TOKEN_HEX - 1] = '\0';
    if (strspn(text, "0123456789abcdef") != TOKEN_HEX - 1)
        return false;
    memcpy(ret, text, TOKEN_HEX);
    return true;
}

/* Where numbers do not last, the mark of a folder becomes the file's, which is made where there is
 * none. A folder that cannot be written to keeps its number. */
static void make_lasting(int dir, struct mark *mark)
{
    char token[TOKEN_HEX];
    struct gh_err err;
    if (mark->lasts)
        return;
    if (read_token(dir, token)) {
        mark_by(token, mark);
        return;
    }
    gh_secret_draw(TOKEN_BYTES, token);
    if (gh_write_file(dir, TOKEN_FILE, token, TOKEN_HEX - 1, 0600, &err) == 0)
        mark_by(token, mark);
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
    struct mark number, mark;
    struct keys keys;
    char token[TOKEN_HEX];
    TRY(read_mark(fd, &number, err));
    mark = number;
    if (!number.lasts && read_token(fd, token))
        mark_by(token, &mark);
    make_keys(folder, &mark, &keys);
    TRY(gh_ledger_setting(l, keys.mark_of, &known, err));
    TRY(gh_ledger_setting(l, keys.name_of, &whose, err));
    bool others = whose && !gh_streq(whose, keys.name);
    /* Within one mount the number does: so it was known before it had a file, or has none. */
    bool same = known && (gh_streq(known, mark.text) || gh_streq(known, number.text));
    if (others || (known && !same))
        return gh_fail_code(err, GH_CONFIG, ESTALE, "%s (its owner is user %u, its mode %04o)",
                            others ? "this folder was another department's before"
                                   : "another folder was put in its place",
                            (unsigned)number.uid, number.mode);
    make_lasting(fd, &mark);
    if (known && gh_streq(known, mark.text))
        return 0;
    make_keys(folder, &mark, &keys);
    return record(l, &keys, &mark, err);
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
    make_lasting(fd, &mark);
    make_keys(folder, &mark, &keys);
    gh_str_display(&shown, folder, strlen(folder));
    GH_AUTO_FREE char *detail =
        gh_asprintf("%s: its mark %s, owner uid %u, mode %04o", gh_str_text(&shown), mark.text,
                    (unsigned)mark.uid, mark.mode);
    TRY(gh_ledger_begin(l, err));
    int r = record(l, &keys, &mark, err);
    if (r >= 0)
        r = gh_ledger_note(l, who, 0, "folder-confirmed", detail, err);
    return gh_ledger_end(l, r, err);
}
