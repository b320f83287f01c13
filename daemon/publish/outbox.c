/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing an outbox folder. It runs in a pool thread, so it works on descriptors and copies alone
 * and uses neither the ledger nor the log. */
#include "daemon/publish/outbox.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define DIR_MODE 02750
#define FILE_MODE 0640
#define TEXT_MAX (1u << 22) /* bytes of a text that is compared before it is replaced */

#define SUMS "SHA256SUMS"
#define MANIFEST "manifest.json"
#define MANIFEST_MAX (1u << 26) /* bytes of one that is trimmed */

const char *const gh_outbox_texts[GH_OUTBOX_TEXTS] = {"caption.txt", SUMS, MANIFEST};

/*
 * The mode of a new folder. Below the set-group-id folder of an installation the mode is right from
 * the start. There, the unit's RestrictSUIDSGID forbids a chmod that sets the bit, and a chmod
 * without the bit would clear it.
 */
static int set_mode(int fd, const char *name, struct gh_err *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "outbox folder %s", name);
    if ((st.st_mode & 07777) == DIR_MODE || fchmod(fd, DIR_MODE) == 0)
        return 0;
    if (errno == EPERM && (st.st_mode & 0777) == (DIR_MODE & 0777))
        return 0;
    return gh_fail_errno(err, GH_SYSTEM, "mode of the outbox folder %s", name);
}

/*
 * Make and open parent/name. It is durable in parent before anything is written into it; that goes
 * for an existing one, too, since a ghatd that was killed may have made it.
 */
static int open_made(int parent, const char *name, int *ret_fd, struct gh_err *err)
{
    GH_AUTO_FD fd = -1;
    bool made = mkdirat(parent, name, DIR_MODE & 0777) == 0;
    if (!made && errno != EEXIST)
        return gh_fail_errno(err, GH_OK, "cannot make the outbox folder %s", name);
    TRY(gh_open_dir(parent, name, &fd, err));
    if (made)
        TRY(set_mode(fd, name, err));
    TRY(gh_sync(parent, err));
    *ret_fd = gh_steal_fd(&fd);
    return 0;
}

static int check_hash(int fd, const struct gh_rendition *r, const char *what, struct gh_err *err)
{
    char hex[GH_SHA_HEX];
    TRY(gh_hash_fd(fd, hex, NULL, err));
    if (strcmp(hex, r->sha256) != 0)
        return gh_fail(err, GH_BUG,
                       "%s of %s is not what was approved (sha256 %.16s…, approved %.16s…); "
                       "nothing was published",
                       what, r->placement, hex, r->sha256);
    return 0;
}

/*
 * A link where both folders belong to one group, since a link shares owner, group and mode; else a
 * copy (reflinked where possible), which takes the outbox folder's group.
 */
static int hand_over(int staged, int dir, const char *name, struct gh_err *err)
{
    struct stat from, to;
    if (fstat(staged, &from) < 0 || fstat(dir, &to) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "outbox");
    if (from.st_gid == to.st_gid && from.st_uid == geteuid() && from.st_dev == to.st_dev) {
        if (fchmod(staged, FILE_MODE) < 0)
            return gh_fail_errno(err, GH_SYSTEM, "mode of a staged file");
        TRY(gh_sync(staged, err));
        struct gh_err why = {0};
        if (gh_link_fd(staged, dir, name, &why) == 0)
            return 0;
    }
    GH_AUTO_FD fresh = -1;
    TRY(gh_tmpfile(dir, &fresh, err));
    TRY(gh_copy_fd(staged, fresh, NULL, err));
    if (fchmod(fresh, FILE_MODE) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "mode of an outbox file");
    TRY(gh_sync(fresh, err));
    return gh_link_fd(fresh, dir, name, err);
}

/* Where staging has it no more, what was in the outbox when a backup was restored may have it. */
static int open_staged(const struct gh_outbox_from *from, const struct gh_item *item,
                       const struct gh_rendition *r, const char *path, int *ret_fd,
                       struct gh_err *err)
{
    char folder[128];
    struct gh_err why = {0};
    if (!r->stage)
        return gh_fail(err, GH_BUG, "approved %s of submission %" PRId64 " has no staged file",
                       r->placement, item->sub.id);
    if (gh_open_beneath(from->staging, r->stage, O_RDONLY, ret_fd, &why) == 0)
        return 0;
    gh_outbox_folder(&item->sub, folder, sizeof(folder));
    GH_AUTO_FREE char *aside = gh_asprintf("%s/%s/%s", GH_OUTBOX_ASIDE, folder, path);
    if (why.code == ENOENT && gh_open_beneath(from->quarantine, aside, O_RDONLY, ret_fd, NULL) == 0)
        return 0;
    *err = why;
    return gh_fail_prefix(err, "staged file %s", r->stage);
}

static int publish_file(const struct gh_outbox_from *from, int folder, const struct gh_item *item,
                        const struct gh_rendition *r, struct gh_err *err)
{
    char path[256];
    GH_AUTO_FD dir = -1;
    GH_AUTO_FD there = -1;
    GH_AUTO_FD staged = -1;
    struct gh_err why = {0};
    gh_outbox_path(item, r, path, sizeof(path));
    const char *name = strchr(path, '/') + 1;
    TRY(open_made(folder, r->placement, &dir, err));
    if (gh_open_beneath(dir, name, O_RDONLY, &there, &why) == 0) {
        TRY(check_hash(there, r, "the file in the outbox", err));
        TRY(gh_sync(there, err));
        return gh_sync(dir, err); /* a ghatd that was killed may not have synced it */
    }
    if (why.code != ENOENT) {
        *err = why;
        return gh_fail_prefix(err, "outbox %s", path);
    }
    TRY(open_staged(from, item, r, path, &staged, err));
    TRY(check_hash(staged, r, "the staged file", err));
    TRY(hand_over(staged, dir, name, err));
    return gh_sync(dir, err);
}

/* Is something that is out the same file: the same bytes and name? */
static bool is_same_as_another(const struct gh_item *item, size_t withdrawn)
{
    char path[256], other[256];
    gh_outbox_path(item, &item->renditions[withdrawn], path, sizeof(path));
    for (size_t i = 0; i < item->n_renditions; i++) {
        gh_outbox_path(item, &item->renditions[i], other, sizeof(other));
        if (gh_outbox_has(&item->renditions[i]) && !strcmp(path, other))
            return true;
    }
    return false;
}

static int withdraw_file(int folder, const struct gh_item *item, const struct gh_rendition *r,
                         struct gh_err *err)
{
    char path[256];
    GH_AUTO_FD dir = -1;
    struct gh_err why = {0};
    gh_outbox_path(item, r, path, sizeof(path));
    if (gh_open_dir(folder, r->placement, &dir, &why) < 0)
        return 0; /* never written */
    if (unlinkat(dir, strchr(path, '/') + 1, 0) < 0 && errno != ENOENT)
        return gh_fail_errno(err, GH_SYSTEM, "cannot withdraw outbox file %s", path);
    TRY(gh_sync(dir, err));
    if (unlinkat(folder, r->placement, AT_REMOVEDIR) < 0 && errno != ENOTEMPTY && errno != EEXIST &&
        errno != ENOENT)
        return gh_fail_errno(err, GH_SYSTEM, "outbox folder %s", r->placement);
    return gh_sync(folder, err);
}

/* Write a text, unless the same one is there. */
static int put_text(int folder, const char *name, const char *bytes, size_t n, struct gh_err *err)
{
    GH_AUTO_FREE char *old = NULL;
    size_t old_n = 0;
    struct gh_err why = {0};
    if (gh_read_file(folder, name, TEXT_MAX, &old, &old_n, &why) == 0 && old_n == n &&
        (n == 0 || !memcmp(old, bytes, n)))
        return 0;
    return gh_write_file(folder, name, bytes, n, FILE_MODE, err);
}

void gh_outbox_sums(const struct gh_item *item, struct gh_str *out)
{
    char path[256], hex[GH_SHA_HEX];
    GH_AUTO_STR caption = {0};
    for (size_t i = 0; i < item->n_renditions; i++) {
        if (!gh_outbox_has(&item->renditions[i]))
            continue;
        gh_outbox_path(item, &item->renditions[i], path, sizeof(path));
        gh_str_printf(out, "%s  %s\n", item->renditions[i].sha256, path);
    }
    gh_outbox_caption(item, &caption);
    gh_hash_mem(gh_str_text(&caption), caption.len, hex);
    gh_str_printf(out, "%s  caption.txt\n", hex);
}

/* A state alone publishes nothing: there must be a decision about these very bytes. */
static int check_decided(const struct gh_item *item, struct gh_err *err)
{
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        if (gh_outbox_has(r) && !r->out)
            return gh_fail(err, GH_BUG,
                           "%s of submission %" PRId64
                           " is %s in the ledger, but no decision covers it; nothing was published",
                           r->placement, item->sub.id, gh_ren_state_name(r->state));
    }
    return 0;
}

bool gh_outbox_lacks(int outbox, const struct gh_item *item)
{
    char folder[128], path[256];
    gh_outbox_folder(&item->sub, folder, sizeof(folder));
    for (size_t i = 0; i < item->n_renditions; i++) {
        if (!gh_outbox_has(&item->renditions[i]))
            continue;
        gh_outbox_path(item, &item->renditions[i], path, sizeof(path));
        GH_AUTO_FREE char *file = gh_asprintf("%s/%s", folder, path);
        if (faccessat(outbox, file, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
            return true;
    }
    return false;
}

/* All that was put aside of it is out again, and durable. */
static void forget_aside(int quarantine, const struct gh_item *item)
{
    char folder[128], path[256];
    gh_outbox_folder(&item->sub, folder, sizeof(folder));
    GH_AUTO_FREE char *aside = gh_asprintf("%s/%s", GH_OUTBOX_ASIDE, folder);
    GH_AUTO_FD dir = -1;
    if (gh_open_dir(quarantine, aside, &dir, NULL) < 0)
        return;
    for (size_t i = 0; i < item->n_renditions; i++) {
        gh_outbox_path(item, &item->renditions[i], path, sizeof(path));
        if (gh_outbox_has(&item->renditions[i]) && unlinkat(dir, path, 0) == 0)
            (void)!unlinkat(dir, item->renditions[i].placement, AT_REMOVEDIR);
    }
    for (size_t i = 0; i < GH_LEN(gh_outbox_texts); i++)
        (void)!unlinkat(dir, gh_outbox_texts[i], 0);
    while (unlinkat(quarantine, aside, AT_REMOVEDIR) == 0 && strchr(aside, '/'))
        *strrchr(aside, '/') = '\0';
}

bool gh_outbox_exceeds(int outbox, const struct gh_item *item)
{
    char folder[128], path[256];
    gh_outbox_folder(&item->sub, folder, sizeof(folder));
    for (size_t i = 0; i < item->n_renditions; i++) {
        if (item->renditions[i].state != GH_REN_WITHDRAWN || is_same_as_another(item, i))
            continue;
        gh_outbox_path(item, &item->renditions[i], path, sizeof(path));
        GH_AUTO_FREE char *file = gh_asprintf("%s/%s", folder, path);
        if (faccessat(outbox, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            return true;
    }
    return false;
}

static int withdraw_all(int folder, const struct gh_item *item, struct gh_err *err)
{
    for (size_t i = 0; i < item->n_renditions; i++)
        if (item->renditions[i].state == GH_REN_WITHDRAWN && !is_same_as_another(item, i))
            TRY(withdraw_file(folder, item, &item->renditions[i], err));
    return 0;
}

/* Returns 1; 0: there is none. */
static int read_text(int folder, const char *name, size_t max, char **ret, size_t *ret_n,
                     struct gh_err *err)
{
    struct gh_err why = {0};
    int r = gh_read_file(folder, name, max, ret, ret_n, &why);
    if (r < 0 && why.code == ENOENT)
        return 0;
    if (r < 0)
        *err = why;
    return r < 0 ? r : 1;
}

/* "<hash>  <path>", a line each; the paths are below the folder. */
static int trim_sums(int folder, struct gh_err *err)
{
    GH_AUTO_FREE char *text = NULL;
    GH_AUTO_STR kept = {0};
    size_t n = 0;
    int r = read_text(folder, SUMS, TEXT_MAX, &text, &n, err);
    if (r <= 0)
        return r;
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        const char *path = strstr(line, "  ");
        if (path && faccessat(folder, path + 2, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            gh_str_printf(&kept, "%s\n", line);
    }
    if (kept.len == n)
        return 0;
    return gh_write_file(folder, SUMS, gh_str_text(&kept), kept.len, FILE_MODE, err);
}

static int trim_manifest(int folder, const char *newer, struct gh_err *err)
{
    GH_AUTO_FREE char *text = NULL;
    size_t n = 0;
    int r = read_text(folder, MANIFEST, MANIFEST_MAX, &text, &n, err);
    if (r <= 0)
        return r;
    GH_AUTO_FREE char *left = gh_manifest_trim(text, n, folder, newer);
    return left ? gh_write_file(folder, MANIFEST, left, strlen(left), FILE_MODE, err) : 0;
}

int gh_outbox_trim(int folder, const char *newer, struct gh_err *err)
{
    TRY(trim_sums(folder, err));
    return trim_manifest(folder, newer, err);
}

int gh_outbox_withdraw(int outbox, const struct gh_item *item, const char *manifest,
                       struct gh_err *err)
{
    char name[128];
    struct gh_err why = {0};
    GH_AUTO_FD folder = -1;
    gh_outbox_folder(&item->sub, name, sizeof(name));
    int r = gh_open_dir(outbox, name, &folder, &why);
    if (r < 0 && why.code == ENOENT)
        return 0;
    if (r < 0)
        *err = why;
    TRY(r);
    TRY(withdraw_all(folder, item, err));
    return gh_outbox_trim(folder, manifest, err);
}

int gh_outbox_write(const struct gh_outbox_from *from, int outbox, const struct gh_item *item,
                    const char *manifest, struct gh_err *err)
{
    const struct gh_submission *sub = &item->sub;
    char name[128];
    GH_AUTO_FD day = -1;
    GH_AUTO_FD folder = -1;
    GH_AUTO_STR sums = {0};
    GH_AUTO_STR caption = {0};
    if (!*sub->outbox_day)
        return gh_fail(err, GH_BUG, "submission %" PRId64 " was never published", sub->id);
    TRY(check_decided(item, err));
    gh_outbox_folder(sub, name, sizeof(name));
    TRY(open_made(outbox, sub->outbox_day, &day, err));
    TRY(open_made(day, strchr(name, '/') + 1, &folder, err));
    TRY(gh_sweep_temporaries(folder, err)); /* a folder has one writer */
    TRY(withdraw_all(folder, item, err));
    for (size_t i = 0; i < item->n_renditions; i++)
        if (gh_outbox_has(&item->renditions[i]))
            TRY(publish_file(from, folder, item, &item->renditions[i], err));
    gh_outbox_caption(item, &caption);
    gh_outbox_sums(item, &sums);
    TRY(put_text(folder, "caption.txt", gh_str_text(&caption), caption.len, err));
    TRY(put_text(folder, SUMS, gh_str_text(&sums), sums.len, err));
    TRY(gh_write_file(folder, MANIFEST, manifest, strlen(manifest), FILE_MODE, err));
    forget_aside(from->quarantine, item);
    return 0;
}
