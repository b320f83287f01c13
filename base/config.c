/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One table of keys drives parsing, ranges and the list of known keys; what a table cannot say
 * follows it: defaults that depend on other values, values that contradict each other. */
#include "base/config.h"

#include "base/address.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CONF_MAX (1 << 20) /* bytes of ghat.conf */

#define STR(section_, key_, field)                                                                 \
    {                                                                                              \
        .section = section_, .key = key_, .type = GH_INI_STRING,                                   \
        .offset = offsetof(struct gh_conf, field), .min = 1                                        \
    }
#define KEY(section_, key_, type_, field, ...)                                                     \
    {                                                                                              \
        .section = section_, .key = key_, .type = GH_INI_##type_,                                  \
        .offset = offsetof(struct gh_conf, field), ##__VA_ARGS__                                   \
    }

#define SECOND_MS 1000ull
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define SOCKET_PATH_MAX 100 /* bytes, below the 108 of sun_path */

static const struct gh_ini_key keys[] = {
    STR("paths", "root", root),
    STR("paths", "state", state),
    STR("paths", "control", control),
    STR("paths", "drop", drop),
    STR("paths", "staging", staging),
    STR("paths", "outbox", outbox),
    STR("paths", "receipts", receipts),
    STR("paths", "archive", archive),
    STR("paths", "quarantine", quarantine),
    STR("paths", "spool", spool),
    STR("paths", "profiles", profiles),
    STR("paths", "worker", worker),

    KEY("intake", "quiet", DURATION, quiet_ms, .min = 100, .max = HOUR_MS),
    KEY("intake", "quiet_max", DURATION, quiet_max_ms, .min = 100, .max = DAY_MS),
    KEY("intake", "scan", DURATION, scan_ms, .min = 500, .max = DAY_MS),
    KEY("intake", "inotify", BOOL, inotify),
    KEY("intake", "at_once", BOOL, at_once),
    KEY("intake", "max_bytes", SIZE, max_bytes, .min = 1),
    KEY("intake", "reserve", SIZE, reserve),
    KEY("intake", "share", U32, share, .min = 1, .max = 100),
    KEY("intake", "text_wait", DURATION, text_wait_ms, .min = SECOND_MS),
    KEY("intake", "depth", U32, depth, .min = 0, .max = 32),
    KEY("intake", "files", U32, files, .min = 1, .max = 100000),
    STR("intake", "marker", marker),
    KEY("intake", "taken_keep", DURATION, taken_keep_ms),
    KEY("intake", "notes_keep", DURATION, notes_keep_ms, .min = SECOND_MS),

    KEY("retention", "originals", DURATION, keep_originals_ms, .min = DAY_MS, .choices = "forever"),
    KEY("retention", "staging", DURATION, keep_staging_ms, .min = DAY_MS, .choices = "forever"),
    KEY("retention", "outbox", DURATION, keep_outbox_ms, .min = DAY_MS, .choices = "forever"),
    KEY("retention", "quarantine", DURATION, keep_quarantine_ms, .min = DAY_MS,
        .choices = "forever"),
    KEY("retention", "unsupported", DURATION, keep_unsupported_ms, .min = DAY_MS,
        .choices = "forever"),
    /* what an item without a decision was told is looked for a month long */
    KEY("retention", "letters", DURATION, keep_letters_ms, .min = 31 * DAY_MS,
        .choices = "forever"),

    KEY("publish", "undo", DURATION, undo_ms, .max = DAY_MS),

    STR("questions", "duty", duty),
    STR("questions", "holidays", holidays),
    STR("questions", "closed", closed),
    STR("questions", "open", open),
    KEY("questions", "cap", ENUM, cap_wall, .choices = "counted|wall"),
    KEY("questions", "late_extension", BOOL, late_extension),

    KEY("events", "expect", DURATION, event_expect_ms, .min = SECOND_MS, .max = 7 * DAY_MS),

    STR("desk", "timezone", timezone),

    KEY("workers", "count", U32, workers, .max = 256, .choices = "auto"),
    KEY("workers", "video", U32, video_workers, .max = 256, .choices = "auto"),
    KEY("workers", "lanes", U32, lanes, .max = 4, .choices = "auto"),
    KEY("workers", "keep", DURATION, keep_ms, .max = DAY_MS),
    KEY("workers", "encoder", ENUM, encoder, .choices = GH_ENCODER_NAMES),
    STR("workers", "encoder_device", encoder_device),
    KEY("workers", "sandbox", ENUM, seccomp_only, .choices = "full|seccomp-only"),

    KEY("policy", "metadata", ENUM, policy, .choices = "strip|credit|keep|archive"),
    KEY("policy", "allow_location", BOOL, allow_location),
    STR("policy", "artist", artist),
    STR("policy", "copyright", copyright),
    STR("policy", "corporation", corporation),

    STR("placements", "make", place_make),
    STR("placements", "also", place_also),
    STR("placements", "not", place_not),

    KEY("limits", "jpeg_pixels", U64, limits.jpeg_pixels, .min = 1),
    KEY("limits", "photo_pixels", U64, limits.photo_pixels, .min = 1),
    KEY("limits", "video_pixels", U64, limits.video_pixels, .min = 1),
    KEY("limits", "output_bytes", SIZE, limits.output_bytes, .min = 1),
    KEY("limits", "duration", MICROS, limits.duration_us, .min = SECOND_MS),
    KEY("limits", "frames", U64, limits.frames, .min = 1),
    KEY("limits", "streams", U32, limits.streams, .min = 1, .max = GH_PROBE_MAX_STREAMS),
    KEY("limits", "cpu", SECONDS, limits.cpu_s, .min = SECOND_MS),
    KEY("limits", "wall", SECONDS, limits.wall_s, .min = SECOND_MS),
    KEY("limits", "memory", SIZE, limits.memory_bytes, .min = 64 << 20),

    KEY("log", "level", ENUM, log_level, .min = GH_LOG_ERROR,
        .choices = "error|warning|notice|info|debug"),

    STR("desk", "socket", desk_socket),
    STR("desk", "url", desk_url),
    KEY("desk", "second_factor", ENUM, second_factor, .choices = "none|approver"),
    KEY("desk", "self_approval", BOOL, self_approval),
    STR("desk", "tls_certificate", tls_certificate),
    STR("desk", "tls_key", tls_key),
    STR("desk", "daily", silent),

    STR("post", "smtp", smtp),
    STR("post", "from", from),
    STR("post", "login", login),
    STR("post", "password_file", password_file),
    STR("post", "ca", ca),
    KEY("post", "tls", ENUM, tls_off, .choices = "required|off"),
    STR("post", "webhook", webhook),
    STR("post", "webhook_key", webhook_key),
    STR("post", "webhook_body", webhook_body),
    STR("post", "hours", hours),
    STR("post", "daily", daily),
    KEY("post", "undecided", DURATION, undecided_ms, .max = 30 * DAY_MS),

    STR("access", "agency_group", agency_group),
    STR("access", "desk_group", desk_group),
    STR("access", "admin_group", admin_group),
    STR("access", "desk_user", desk_user),
    STR("access", "post_user", post_user),
};

/* Folders that lie below root unless they are given. */
static const struct {
    size_t offset;
    const char *name;
} below_root[] = {
    {offsetof(struct gh_conf, drop), "drop"},
    {offsetof(struct gh_conf, staging), "staging"},
    {offsetof(struct gh_conf, outbox), "outbox"},
    {offsetof(struct gh_conf, receipts), "receipts"},
    {offsetof(struct gh_conf, archive), "archive"},
    {offsetof(struct gh_conf, quarantine), "quarantine"},
    {offsetof(struct gh_conf, spool), "spool"},
};

/* What the file overrides. */
static void first_defaults(struct gh_conf *c)
{
    *c = (struct gh_conf){
        .root = gh_strdup("/srv/ghat"),
        .state = gh_strdup("/var/lib/ghat"),
        .control = gh_strdup("/run/ghat/control.sock"),
        .profiles = gh_strdup(GH_DATADIR "/profiles"),
        .worker = gh_strdup(GH_LIBEXECDIR "/ghat-worker"),
        .quiet_ms = 3 * SECOND_MS,
        .quiet_max_ms = MINUTE_MS,
        .scan_ms = 30 * SECOND_MS,
        .inotify = true,
        .at_once = true,
        .reserve = 1u << 30,
        .share = 50,
        .text_wait_ms = DAY_MS,
        .keep_ms = MINUTE_MS,
        .taken_keep_ms = DAY_MS,
        .notes_keep_ms = 30 * DAY_MS,
        .undo_ms = GH_UNDO_UNSET,
        .duty = gh_strdup("daily 08:00-22:00"),
        .event_expect_ms = 3 * 3600 * 1000,
        .keep_originals_ms = GH_FOREVER,
        .keep_staging_ms = 30 * DAY_MS,
        .keep_outbox_ms = GH_FOREVER,
        .keep_quarantine_ms = 90 * DAY_MS,
        .keep_unsupported_ms = 7 * DAY_MS,
        .keep_letters_ms = 90 * DAY_MS,
        .depth = 8,
        .files = 2000,
        .policy = GH_POLICY_CREDIT,
        .limits = gh_limits_default(),
        .log_level = GH_LOG_INFO,
        .agency_group = gh_strdup("ghat-agency"),
        .desk_group = gh_strdup("ghat-desk"),
        .admin_group = gh_strdup("ghat-admin"),
        .desk_user = gh_strdup("ghat-desk"),
        .post_user = gh_strdup("ghat-post"),
        .hours = gh_strdup("daily 08:00-22:00"),
        .daily = gh_strdup("20:00"),
        .silent = gh_strdup("17:00"),
        .undecided_ms = 4 * HOUR_MS,
    };
    c->max_bytes = c->limits.input_bytes;
}

static char *folder_of(const char *file)
{
    const char *slash = file ? strrchr(file, '/') : NULL;
    if (!slash)
        return gh_strdup(file ? "." : GH_SYSCONFDIR "/ghat");
    return slash == file ? gh_strdup("/") : gh_strndup(file, (size_t)(slash - file));
}

/* What depends on what the file said. */
static void last_defaults(struct gh_conf *c, const char *file)
{
    c->file = file ? gh_strdup(file) : NULL;
    c->dir = folder_of(file);
    for (size_t i = 0; i < GH_LEN(below_root); i++) {
        char **at = (char **)((char *)c + below_root[i].offset);
        if (!*at)
            *at = gh_asprintf("%s/%s", c->root, below_root[i].name);
    }
    const char *slash = strrchr(c->control, '/');
    if (!c->desk_socket)
        c->desk_socket =
            gh_asprintf("%.*s/desk.sock", slash ? (int)(slash - c->control) : 0, c->control);
    for (size_t n = c->desk_url ? strlen(c->desk_url) : 0; n > 0 && c->desk_url[n - 1] == '/'; n--)
        c->desk_url[n - 1] = 0;
    c->limits.input_bytes = c->max_bytes;
}

void gh_conf_default(struct gh_conf *ret)
{
    first_defaults(ret);
    last_defaults(ret, NULL);
}

#define ZONES "/usr/share/zoneinfo"

static bool is_zone(const char *name)
{
    GH_AUTO_FREE char *path = gh_asprintf(ZONES "/%s", name);
    return name[0] != '/' && !strstr(name, "..") && access(path, R_OK) == 0;
}

static bool read_time(const char *text, unsigned *ret_minute)
{
    unsigned hour, minute;
    char end;
    if (sscanf(text, "%2u:%2u%c", &hour, &minute, &end) != 2 || hour > 23 || minute > 59)
        return false;
    *ret_minute = hour * 60 + minute;
    return true;
}

bool gh_conf_daily(const struct gh_conf *c, unsigned *ret_minute)
{
    return read_time(c->daily, ret_minute);
}

bool gh_conf_silent(const struct gh_conf *c, unsigned *ret_minute)
{
    return read_time(c->silent, ret_minute);
}

/* An encrypted way, or one that does not leave the machine. */
static bool is_hook(const char *url)
{
    return gh_starts(url, "https://") || gh_starts(url, "http://127.0.0.1:") ||
           gh_starts(url, "http://localhost:");
}

static void check_post(const struct gh_conf *c, const char *file, struct gh_problems *problems)
{
    unsigned minute;
    if (c->smtp && !gh_starts(c->smtp, "smtp://") && !gh_starts(c->smtp, "smtps://"))
        gh_problem(problems, "%s: [post] smtp = %s must begin with smtp:// or smtps://", file,
                   c->smtp);
    if (c->smtp && !gh_address_is_plain(c->from))
        gh_problem(problems, "%s: [post] from must be a plain address like ghat@example.org", file);
    if (c->webhook && !is_hook(c->webhook))
        gh_problem(problems,
                   "%s: [post] webhook = %s must begin with https:// (http:// on this machine)",
                   file, c->webhook);
    if (c->webhook_body && !c->webhook)
        gh_problem(problems, "%s: [post] webhook_body says nothing without webhook", file);
    if (!gh_streq(c->silent, "never") && !gh_conf_silent(c, &minute))
        gh_problem(problems, "%s: [desk] daily = %s must be a time like 17:00, or never", file,
                   c->silent);
    if (!gh_conf_daily(c, &minute))
        gh_problem(problems, "%s: [post] daily = %s must be a time like 20:00", file, c->daily);
}

bool gh_conf_tells_password(const struct gh_conf *c)
{
    return c->login && c->tls_off && !gh_starts(c->smtp ? c->smtp : "", "smtps:");
}

/* Values that contradict each other, and paths that no ghatd can work with. */
static void check_values(const struct gh_conf *c, const char *file, struct gh_problems *problems)
{
    for (size_t i = 0; i < GH_LEN(keys); i++) {
        if (!gh_streq(keys[i].section, "paths"))
            continue;
        const char *path = *(char *const *)((const char *)c + keys[i].offset);
        if (path[0] != '/')
            gh_problem(problems, "%s: [paths] %s = %s must be an absolute path", file, keys[i].key,
                       path);
    }
    if (strlen(c->control) > SOCKET_PATH_MAX)
        gh_problem(problems, "%s: [paths] control is too long for a socket (at most %d bytes)",
                   file, SOCKET_PATH_MAX);
    else if (strlen(c->desk_socket) > SOCKET_PATH_MAX)
        gh_problem(problems, "%s: [desk] socket is too long for a socket (at most %d bytes)", file,
                   SOCKET_PATH_MAX);
    if (c->desk_socket[0] != '/')
        gh_problem(problems, "%s: [desk] socket = %s must be an absolute path", file,
                   c->desk_socket);
    if (gh_streq(c->desk_socket, c->control))
        gh_problem(problems, "%s: [desk] socket is another one than [paths] control", file);
    if (c->desk_url && !gh_starts(c->desk_url, "https://") && !gh_starts(c->desk_url, "http://"))
        gh_problem(problems, "%s: [desk] url = %s must begin with https:// (or http://)", file,
                   c->desk_url);
    if (c->quiet_max_ms < c->quiet_ms)
        gh_problem(problems, "%s: [intake] quiet_max is less than quiet", file);
    if (c->marker && (strchr(c->marker, '/') || c->marker[0] == 0))
        gh_problem(problems, "%s: [intake] marker is the name of a file in drop/, without /", file);
    if (c->encoder_device && c->encoder != GH_ENCODER_SOFTWARE && !gh_encoder_device(c->encoder))
        gh_problem(problems,
                   "%s: [workers] encoder_device says nothing: encoder = %s has no device", file,
                   gh_encoder_name(c->encoder));
    if (c->encoder_device &&
        (strncmp(c->encoder_device, "/dev/", 5) != 0 || strstr(c->encoder_device, "..") ||
         strlen(c->encoder_device) >= sizeof((struct gh_fork *)0)->device))
        gh_problem(problems, "%s: [workers] encoder_device = %s must be a file below /dev", file,
                   c->encoder_device);
    if (c->timezone && !is_zone(c->timezone))
        gh_problem(problems,
                   "%s: [desk] timezone = %s must be a zone like Asia/Kolkata (" ZONES ")", file,
                   c->timezone);
    check_post(c, file, problems);
    if (c->policy == GH_POLICY_ARCHIVE && !c->allow_location)
        gh_problem(problems,
                   "%s: [policy] metadata = archive publishes positions and serial numbers: it "
                   "needs allow_location = yes",
                   file);
}

void gh_conf_parse(const char *text, const char *file, struct gh_conf *ret,
                   struct gh_problems *problems)
{
    first_defaults(ret);
    size_t before = problems->n;
    gh_ini_fill(text, file, keys, GH_LEN(keys), ret, problems);
    if (problems->n == before && ret->quiet_max_ms < ret->quiet_ms && !strstr(text, "quiet_max"))
        ret->quiet_max_ms = ret->quiet_ms;
    last_defaults(ret, file);
    if (problems->n == before)
        check_values(ret, file, problems);
}

const char *gh_conf_path(const char *path, bool *ret_named)
{
    const char *env = getenv("GHAT_CONF");
    *ret_named = path || (env && *env);
    return path ? path : env && *env ? env : GH_SYSCONFDIR "/ghat/ghat.conf";
}

static int read_conf(const char *path, bool named, struct gh_conf *ret,
                     struct gh_problems *problems, struct gh_err *err)
{
    /* A path the administrator chose: symbolic links in it are wanted. */
    GH_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT && !named) {
        gh_conf_default(ret);
        return 0;
    }
    if (fd < 0)
        return gh_fail_errno(err, GH_CONFIG, "cannot read the configuration %s", path);
    GH_AUTO_FREE char *text = NULL;
    size_t len = 0;
    struct gh_err why = {0};
    if (gh_read_fd(fd, CONF_MAX, &text, &len, &why) < 0)
        return gh_fail(err, GH_CONFIG, "%s: %s", path, why.msg);
    if (strlen(text) != len)
        return gh_fail(err, GH_CONFIG, "%s: holds a NUL byte, it is no text", path);
    gh_conf_parse(text, path, ret, problems);
    return 0;
}

int gh_conf_load(const char *path, struct gh_conf *ret, struct gh_problems *problems,
                 struct gh_err *err)
{
    GH_AUTO(gh_problems_free) struct gh_problems own = {0};
    if (!problems)
        problems = &own;
    bool named;
    path = gh_conf_path(path, &named);
    struct gh_conf conf = {0};
    size_t before = problems->n;
    int r = read_conf(path, named, &conf, problems, err);
    if (r < 0) {
        gh_problem(problems, "%s", err ? err->msg : path);
        return r;
    }
    if (problems->n > before) {
        gh_conf_free(&conf);
        return gh_problems_fail(problems, err);
    }
    *ret = conf;
    return 0;
}

void gh_conf_free(struct gh_conf *conf)
{
    for (size_t i = 0; i < GH_LEN(keys); i++)
        if (keys[i].type == GH_INI_STRING)
            gh_free_ptr((char *)conf + keys[i].offset);
    gh_free_ptr(&conf->file);
    gh_free_ptr(&conf->dir);
}
