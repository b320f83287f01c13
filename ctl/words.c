/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat caption, ghat alt, ghat urgent, ghat undo, ghat freeze, ghat thaw: what is said beside
 * the decisions. */
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"

#include "base/file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CAPTION_MAX 32768 /* bytes; the placements have limits of their own */

static int read_caption(const char *file, char **ret, struct gh_err *err)
{
    size_t n;
    if (!strcmp(file, "-"))
        TRY(gh_read_fd(STDIN_FILENO, CAPTION_MAX, ret, &n, err));
    else
        TRY(gh_read_file(AT_FDCWD, file, CAPTION_MAX, ret, &n, err));
    while (n > 0 && ((*ret)[n - 1] == '\n' || (*ret)[n - 1] == '\r'))
        (*ret)[--n] = '\0';
    return 0;
}

static json_t *caption_request(int64_t id, const char *caption, const char *placement)
{
    if (!caption)
        return json_pack("{s:s, s:I}", "request", "show", "id", (json_int_t)id);
    return json_pack("{s:s, s:I, s:s, s:s?}", "request", "caption", "id", (json_int_t)id, "caption",
                     caption, "placement", placement);
}

static const char *shown_caption(const json_t *item, const char *placement)
{
    const json_t *own = json_object_get(item, "captions");
    return placement && json_object_get(own, placement) ? gh_j_text(own, placement)
                                                        : gh_j_text(item, "caption");
}

int gh_cmd_caption(struct gh_ctl *ctl, int argc, char **argv)
{
    const char *file = NULL, *placement = NULL;
    struct gh_asker by = {0};
    const struct gh_opt opts[] = {
        {"--file", "-f", &file, NULL}, {"--placement", "-p", &placement, NULL}, GH_ASKER_OPTS(by)};
    struct gh_err err = {0};
    GH_AUTO_FREE char *text = NULL;
    json_t *answer;
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    int64_t id = n > 0 ? gh_parse_id(argv[1]) : 0;
    if (!id || n > 2 || (n == 2 && file))
        return gh_ctl_usage(argv[0], "name one submission by its number, and the caption once");
    if (file && read_caption(file, &text, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    const char *caption = text ? text : n == 2 ? argv[2] : NULL;
    int result = gh_change(ctl, argv[0], caption_request(id, caption, placement), &by, &answer);
    if (answer && caption)
        gh_print_line(
            stdout,
            "%" PRId64
            ": new caption%s%s; what was approved before keeps its own until approved again",
            id, placement ? " for " : "", placement ? placement : "");
    else if (answer)
        gh_print_field("caption", "%s", shown_caption(json_object_get(answer, "item"), placement));
    json_decref(answer);
    return result;
}

int gh_cmd_alt(struct gh_ctl *ctl, int argc, char **argv)
{
    struct gh_asker by = {0};
    const struct gh_opt opts[] = {GH_ASKER_OPTS(by)};
    json_t *answer;
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    int64_t id = n == 3 ? gh_parse_id(argv[1]) : 0, file = n == 3 ? gh_parse_id(argv[2]) : 0;
    if (!id || !file)
        return gh_ctl_usage(argv[0], "name one submission, one of its files by the number that"
                                     " ghat show prints, and the text");
    json_t *ask = json_pack("{s:s, s:I, s:I, s:s}", "request", "alt", "id", (json_int_t)id, "file",
                            (json_int_t)file, "text", argv[3]);
    int result = gh_change(ctl, argv[0], ask, &by, &answer);
    if (answer)
        printf("%" PRId64 ": %s alt text of file %" PRId64 "\n", id, *argv[3] ? "new" : "no", file);
    json_decref(answer);
    return result;
}

int gh_cmd_urgent(struct gh_ctl *ctl, int argc, char **argv)
{
    struct gh_asker by = {0};
    bool off = false;
    const struct gh_opt opts[] = {{"--off", NULL, NULL, &off}, GH_ASKER_OPTS(by)};
    json_t *answer;
    int64_t id;
    int wrong = gh_options_id(argc, argv, opts, GH_LEN(opts), &id);
    if (wrong)
        return wrong;
    json_t *ask =
        json_pack("{s:s, s:I, s:b}", "request", "urgent", "id", (json_int_t)id, "urgent", !off);
    int result = gh_change(ctl, argv[0], ask, &by, &answer);
    if (answer)
        gh_print_line(stdout, "%" PRId64 ": %s; %s", id, off ? "not urgent" : "urgent",
                      gh_j_text(answer, "state"));
    json_decref(answer);
    return result;
}

int gh_cmd_undo(struct gh_ctl *ctl, int argc, char **argv)
{
    struct gh_asker by = {0};
    const struct gh_opt opts[] = {GH_ASKER_OPTS(by)};
    json_t *answer;
    int64_t id;
    int wrong = gh_options_id(argc, argv, opts, GH_LEN(opts), &id);
    if (wrong)
        return wrong;
    json_t *ask = json_pack("{s:s, s:I}", "request", "undo", "id", (json_int_t)id);
    int result = gh_change(ctl, argv[0], ask, &by, &answer);
    int64_t files = gh_j_int(answer, "changed");
    if (answer)
        gh_print_line(stdout,
                      "%" PRId64 ": undone, nothing of it went out: %" PRId64
                      " %s; the submission is %s",
                      id, files, files == 1 ? "file" : "files", gh_j_text(answer, "state"));
    json_decref(answer);
    return result;
}

/* ghat freeze REASON, ghat thaw. */
int gh_cmd_freeze(struct gh_ctl *ctl, int argc, char **argv)
{
    struct gh_asker by = {0};
    bool freeze = !strcmp(argv[0], "freeze");
    const struct gh_opt opts[] = {GH_ASKER_OPTS(by)};
    json_t *answer;
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n != (freeze ? 1 : 0))
        return gh_ctl_usage(argv[0], freeze ? "say why, in one argument" : "it takes no arguments");
    json_t *ask = json_pack("{s:s, s:s?}", "request", argv[0], "reason", freeze ? argv[1] : NULL);
    int result = gh_change(ctl, argv[0], ask, &by, &answer);
    if (answer)
        printf("%s\n", freeze ? "frozen: nothing goes out until ghat thaw"
                              : "thawed: what was approved goes out again");
    json_decref(answer);
    return result;
}
