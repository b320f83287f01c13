/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ghat department add NAME, as root: a department's card, its folder, and a group for its officers,
 * so that nobody who drops is in ghatd's own group. Each step is left out where it is done already,
 * so a second run mends what is missing. What officers write belongs to them; a default ACL of the
 * folder lets ghatd read it and take it away. The kernel takes that in place of a writer's umask,
 * but not in place of the mode that a program asks for: a file made 0600 on purpose stays shut.
 */
#include "ctl/department.h"

#include "ctl/client.h"
#include "ctl/print.h"

#include "base/config.h"
#include "base/file.h"
#include "base/names.h"
#include "base/str.h"
#include "daemon/site/department.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <pwd.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define VALUE_MAX 200 /* bytes of a value in the card */
#define GROUP_MAX 32  /* bytes of a group's name, as groupadd allows */
#define DROP_MODE 0751
#define FOLDER_MODE 02770
#define RWX (ACL_READ | ACL_WRITE | ACL_EXECUTE)

/* What is to be made, and by whose ids. */
struct plan {
    struct gh_conf conf;
    struct gh_departments known;
    const struct gh_department *card; /* NULL: to be written */
    const char *folder;
    char slug[GH_DEPARTMENT_SLUG], group[GROUP_MAX + 1];
    uid_t uid; /* ghatd's … */
    gid_t gid; /* … and its group */
    gid_t officers;
};

static void free_plan(struct plan *p)
{
    gh_departments_free(&p->known);
    gh_conf_free(&p->conf);
}

/* --------------------------------------------------------------------------------- the arguments
 */

/* A value that stands in the card as it is. */
static int check_value(const char *what, const char *value, struct gh_err *err)
{
    size_t n = strlen(value);
    if (!n || n > VALUE_MAX || strpbrk(value, ";\"") || value[0] == ' ' || value[n - 1] == ' ')
        return gh_fail(err, GH_USAGE,
                       "%s: 1 to %d bytes, without quotes and semicolons, and no space at its ends",
                       what, VALUE_MAX);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)value[i] < ' ' || value[i] == 0x7f)
            return gh_fail(err, GH_USAGE, "%s: no control characters", what);
    return 0;
}

int gh_department_check_name(const char *name, struct gh_err *err)
{
    TRY(check_value("the name", name, err));
    if (name[0] == '.' || strchr(name, '/'))
        return gh_fail(err, GH_USAGE, "the name is that of a folder: no slash, no dot at its head");
    return 0;
}

static int check_values(const struct gh_new_department *want, struct gh_err *err)
{
    const char *const values[][2] = {
        {"--title", want->title},     {"--languages", want->languages},
        {"--officer", want->officer}, {"--designation", want->designation},
        {"--mobile", want->mobile},   {"--email", want->email}};
    TRY(gh_department_check_name(want->name, err));
    for (size_t i = 0; i < GH_LEN(values); i++)
        if (values[i][1])
            TRY(check_value(values[i][0], values[i][1], err));
    return 0;
}

/* Whoever is in these decides, or is ghatd: never officers. */
static int check_group(const struct plan *p, const struct group *g, struct gh_err *err)
{
    const char *const others[] = {p->conf.agency_group, p->conf.desk_group, p->conf.admin_group};
    bool taken = g->gr_gid == 0 || g->gr_gid == p->gid;
    for (size_t i = 0; i < GH_LEN(others); i++)
        taken |= gh_streq(others[i] ? others[i] : "", g->gr_name);
    return taken ? gh_fail(err, GH_USAGE,
                           "the group %s has other rights in Ghat: officers need one of their own",
                           g->gr_name)
                 : 0;
}

/* Whose ghatd is: of its state, which only it writes; before its first start, by name. */
static int find_ghatd(struct plan *p, struct gh_err *err)
{
    struct stat st;
    const struct passwd *pw = getpwnam("ghat");
    if (stat(p->conf.state, &st) == 0) {
        p->uid = st.st_uid;
        p->gid = st.st_gid;
    } else if (pw) {
        p->uid = pw->pw_uid;
        p->gid = pw->pw_gid;
    } else {
        return gh_fail(err, GH_CONFIG, "there is no user ghat yet: systemd-sysusers makes it");
    }
    return 0;
}

static int make_plan(const struct gh_ctl *ctl, const struct gh_new_department *want, struct plan *p,
                     struct gh_err *err)
{
    struct gh_problems problems = {0};
    int r = gh_conf_load(ctl->conf_path, &p->conf, &problems, err);
    if (r == 0)
        gh_departments_load(&p->conf, &p->known, &problems);
    if (problems.n)
        r = gh_fail(err, GH_CONFIG, "%s", problems.list[0]);
    gh_problems_free(&problems);
    TRY(r);
    TRY(find_ghatd(p, err));
    p->card = gh_departments_find_folder(&p->known, want->name);
    if (!p->card)
        p->card = gh_departments_find(&p->known, want->name);
    p->folder = p->card ? p->card->folder : want->name;
    if (p->card)
        GH_COPY(p->slug, p->card->slug);
    else
        gh_slug(want->name, p->slug, sizeof(p->slug));
    if (!p->card && gh_departments_find(&p->known, p->slug))
        return gh_fail(err, GH_USAGE, "another department is called %s already", p->slug);
    if (want->group ? strlen(want->group) > GROUP_MAX : strlen(p->slug) + 5 > GROUP_MAX)
        return gh_fail(err, GH_USAGE, "the name of its group has more than %d bytes: give --group",
                       GROUP_MAX);
    if (want->group)
        GH_COPY(p->group, want->group);
    else
        GH_FORMAT(p->group, "drop-%s", p->slug);
    return 0;
}

/* ----------------------------------------------------------------------------------- the making */

static int add_group(const char *name, struct gh_err *err)
{
    /* posix_spawn takes what it does not change without const */
    char program[] = "/usr/sbin/groupadd", kind[] = "--system", path[] = "PATH=/usr/sbin:/usr/bin";
    GH_AUTO_FREE char *copy = gh_strdup(name);
    char *argv[] = {program, kind, copy, NULL}, *env[] = {path, NULL};
    pid_t pid;
    int status = 0;
    int code = posix_spawn(&pid, program, NULL, NULL, argv, env);
    if (code)
        return gh_fail(err, GH_SYSTEM, "cannot run %s: %s", program, strerror(code));
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return gh_fail_errno(err, GH_SYSTEM, "groupadd");
    return WIFEXITED(status) && WEXITSTATUS(status) == 0
               ? 0
               : gh_fail(err, GH_SYSTEM, "groupadd could not make the group %s", name);
}

static int make_group(struct plan *p, bool named, struct gh_err *err)
{
    const struct group *g = getgrnam(p->group);
    if (!g && named)
        return gh_fail(err, GH_USAGE, "there is no group %s", p->group);
    if (!g) {
        TRY(add_group(p->group, err));
        g = getgrnam(p->group);
    }
    if (!g)
        return gh_fail(err, GH_SYSTEM, "the group %s was made, but is not found", p->group);
    TRY(check_group(p, g, err));
    p->officers = g->gr_gid;
    return 0;
}

/* Make dirfd/name, for root at first, and open it; one that is there is only opened. */
static int make_dir(int dirfd, const char *name, int *ret_fd, bool *ret_made, struct gh_err *err)
{
    *ret_made = mkdirat(dirfd, name, 0700) == 0;
    if (!*ret_made && errno != EEXIST)
        return gh_fail_errno(err, GH_SYSTEM, "cannot make the folder %s", name);
    /* links are followed where the administrator's configuration has them */
    if (dirfd != AT_FDCWD)
        return gh_open_dir(dirfd, name, ret_fd, err);
    *ret_fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *ret_fd < 0 ? gh_fail_errno(err, GH_SYSTEM, "%s", name) : 0;
}

static int set_owner(int fd, uid_t uid, gid_t gid, mode_t mode, const char *name,
                     struct gh_err *err)
{
    /* the mode last: a change of owner takes the set-group-id bit */
    return fchown(fd, uid, gid) < 0 || fchmod(fd, mode) < 0
               ? gh_fail_errno(err, GH_SYSTEM, "owner and mode of %s", name)
               : 0;
}

/* drop/ and .taken/, as systemd-tmpfiles makes them, wherever drop/ lies. */
static int make_drop(const struct plan *p, int *ret_fd, struct gh_err *err)
{
    GH_AUTO_FD fd = -1;
    GH_AUTO_FD taken = -1;
    struct stat st;
    bool made;
    TRY(gh_mkdirs(AT_FDCWD, p->conf.root, 0755, err));
    TRY(make_dir(AT_FDCWD, p->conf.drop, &fd, &made, err));
    if (made)
        TRY(set_owner(fd, 0, p->gid, DROP_MODE, p->conf.drop, err));
    if (fstat(fd, &st) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "%s", p->conf.drop);
    if (st.st_mode & 022)
        return gh_fail(err, GH_CONFIG,
                       "%s: others could rename departments' folders in it (mode %04o): chown "
                       "root:%u and chmod %04o it",
                       p->conf.drop, (unsigned)st.st_mode & 07777, (unsigned)p->gid, DROP_MODE);
    TRY(make_dir(fd, ".taken", &taken, &made, err));
    if (made)
        TRY(set_owner(taken, p->uid, p->gid, 0700, ".taken", err));
    *ret_fd = gh_steal_fd(&fd);
    return 0;
}

/* What the kernel knows as system.posix_acl_default: what is made in the folder is its writer's and
 * its group's, ghatd may do the same, and nobody else anything. */
static int set_default_acl(int fd, const struct plan *p, struct gh_err *err)
{
    const struct {
        unsigned tag, id;
    } who[] = {{ACL_USER_OBJ, ACL_UNDEFINED_ID},  {ACL_USER, p->uid},
               {ACL_GROUP_OBJ, ACL_UNDEFINED_ID}, {ACL_GROUP, p->officers},
               {ACL_MASK, ACL_UNDEFINED_ID},      {ACL_OTHER, ACL_UNDEFINED_ID}};
    struct {
        struct posix_acl_xattr_header head;
        struct posix_acl_xattr_entry entries[GH_LEN(who)];
    } acl = {.head = {htole32(POSIX_ACL_XATTR_VERSION)}};
    for (size_t i = 0; i < GH_LEN(who); i++)
        acl.entries[i] =
            (struct posix_acl_xattr_entry){.e_tag = htole16((unsigned short)who[i].tag),
                                           .e_perm = htole16(who[i].tag == ACL_OTHER ? 0 : RWX),
                                           .e_id = htole32(who[i].id)};
    if (fsetxattr(fd, "system.posix_acl_default", &acl, sizeof(acl), 0) == 0)
        return 0;
    return errno == ENOTSUP
               ? gh_fail(err, GH_CONFIG,
                         "the file system of %s keeps no access control lists: mount it with them, "
                         "or put [paths] drop on another one",
                         p->conf.drop)
               : gh_fail_errno(err, GH_SYSTEM, "access control list of %s", p->folder);
}

/* Notes that are there already are for the new group. */
static int share_status(const struct plan *p, int folder, struct gh_err *err)
{
    GH_AUTO_FD fd = -1;
    struct gh_err why = {0};
    if (gh_open_dir(folder, GH_STATUS_DIR, &fd, &why) < 0)
        return 0; /* ghatd makes it */
    TRY(set_owner(fd, p->uid, p->officers, 02755, GH_STATUS_DIR, err));
    int list = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = list >= 0 ? fdopendir(list) : NULL;
    for (struct dirent *e; dir && (e = readdir(dir));) {
        struct stat st;
        if (fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
            st.st_uid == p->uid)
            (void)!fchownat(fd, e->d_name, (uid_t)-1, p->officers, AT_SYMLINK_NOFOLLOW);
    }
    if (dir)
        closedir(dir);
    else
        gh_close_fd(&list);
    return 0;
}

static int make_folder(const struct plan *p, bool *ret_made, struct gh_err *err)
{
    GH_AUTO_FD drop = -1;
    GH_AUTO_FD fd = -1;
    TRY(make_drop(p, &drop, err));
    TRY(make_dir(drop, p->folder, &fd, ret_made, err));
    TRY(set_default_acl(fd, p, err));
    TRY(set_owner(fd, p->uid, p->officers, FOLDER_MODE, p->folder, err));
    return share_status(p, fd, err);
}

static void add_line(struct gh_str *out, const char *key, const char *value)
{
    if (value)
        gh_str_printf(out, "%s = %s\n", key, value);
}

/* The card's text, read as ghatd will read it before anything is made: a card that it refuses would
 * keep it from starting. */
static int compose_card(struct plan *p, const struct gh_new_department *want, struct gh_str *text,
                        struct gh_err *err)
{
    struct gh_problems problems = {0};
    gh_str_puts(text, "; A department's card: what else may stand here is in the example "
                      "department.conf.\n[department]\n");
    add_line(text, "folder", p->folder);
    add_line(text, "slug", p->slug);
    add_line(text, "title", want->title ? want->title : p->folder);
    add_line(text, "languages", want->languages);
    gh_str_puts(text, "\n[officer]\n");
    add_line(text, "name", want->officer);
    add_line(text, "designation", want->designation);
    add_line(text, "mobile", want->mobile);
    add_line(text, "email", want->email);
    gh_departments_add_card(&p->known, &p->conf, gh_str_text(text), "the card", p->slug, &problems);
    int r = gh_problems_fail(&problems, err);
    gh_problems_free(&problems);
    return r;
}

static int write_card(const struct plan *p, const struct gh_str *text, char **ret_path,
                      struct gh_err *err)
{
    GH_AUTO_FD dir = -1;
    GH_AUTO_FREE char *path = gh_asprintf("%s/departments", p->conf.dir);
    GH_AUTO_FREE char *name = gh_asprintf("%s.conf", p->slug);
    struct stat st;
    dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return gh_fail_errno(err, GH_SYSTEM, "%s", path);
    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        return gh_fail(err, GH_USAGE, "%s/%s is there, and about another folder", path, name);
    TRY(gh_write_file(dir, name, text->data, text->len, 0644, err));
    *ret_path = gh_asprintf("%s/%s", path, name);
    return 0;
}

/* A ghatd that runs reads the new card, and believes the folder that root made. */
static void tell_ghatd(struct gh_ctl *ctl, const struct plan *p, bool made)
{
    json_t *answer = NULL, *problem;
    size_t i;
    struct gh_err err = {0};
    if (gh_ask(ctl, json_pack("{s:s}", "request", "reload"), &answer, &err) < 0) {
        gh_print_line(stderr, "ghat department: ghatd does not know it yet: %s", err.msg);
        return;
    }
    json_array_foreach (json_object_get(answer, "problems"), i, problem)
        gh_print_line(stderr, "ghat department: %s", json_string_value(problem));
    json_decref(answer);
    answer = NULL;
    if (made &&
        gh_ask(ctl, json_pack("{s:s, s:s}", "request", "department-confirm", "department", p->slug),
               &answer, &err) < 0)
        gh_print_line(stderr, "ghat department: %s", err.msg);
    json_decref(answer);
}

static int add(struct gh_ctl *ctl, const struct gh_new_department *want, struct plan *p,
               struct gh_err *err)
{
    GH_AUTO_FREE char *written = NULL;
    GH_AUTO_STR text = {0};
    bool made = false;
    TRY(check_values(want, err));
    if (geteuid() != 0)
        return gh_fail(err, GH_USAGE,
                       "only root makes groups and folders in drop/: sudo ghat department add …");
    TRY(make_plan(ctl, want, p, err));
    if (!p->card)
        TRY(compose_card(p, want, &text, err));
    TRY(make_group(p, want->group != NULL, err));
    TRY(make_folder(p, &made, err));
    if (!p->card)
        TRY(write_card(p, &text, &written, err));
    tell_ghatd(ctl, p, made);
    const char *card = written ? written : p->card->file;
    if (want->json) {
        json_t *o = json_pack("{s:s, s:o, s:s, s:o}", "department", p->slug, "folder",
                              gh_json_name(p->folder, strlen(p->folder)), "group", p->group, "card",
                              gh_json_text(card));
        gh_print_json(o);
        json_decref(o);
        return 0;
    }
    gh_print_field("department", "%s, %s", p->slug, card);
    gh_print_field("folder", "%s/%s", p->conf.drop, p->folder);
    gh_print_field("group", "%s: put its officers into it (usermod -aG %s NAME), none into ghat",
                   p->group, p->group);
    return 0;
}

int gh_department_add(struct gh_ctl *ctl, const char *command, const struct gh_new_department *want)
{
    struct plan p = {0};
    struct gh_err err = {0};
    int r = add(ctl, want, &p, &err);
    free_plan(&p);
    return r < 0 ? gh_ctl_fail(command, &err) : GH_EXIT_OK;
}
