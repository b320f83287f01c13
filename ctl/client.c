/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the configuration for the path of the socket, at each question: a command asks few. What it
 * adds to base/client.c are words for people. */
#include "ctl/client.h"

#include "base/client.h"
#include "base/config.h"
#include "ctl/print.h"

#include <errno.h>

#define TIMEOUT_MS (60 * 1000)

/* What a person can do when connect() failed so; NULL: its own words must do. */
static const char *advice_for(int code)
{
    switch (code) {
    case EACCES:
        return "you may not control it; be a member of its admin group or use sudo";
    case ENOENT:
    case ECONNREFUSED:
        return "ghatd is not running (start it: systemctl start ghatd, or make run), or it uses "
               "another configuration (-c)";
    default:
        return NULL;
    }
}

int gh_ask(struct gh_ctl *ctl, json_t *request, json_t **ret, struct gh_err *err)
{
    GH_AUTO(gh_conf_free) struct gh_conf conf = {0};
    int r = gh_conf_load(ctl->conf_path, &conf, NULL, err);
    if (r < 0) {
        json_decref(request);
        return r;
    }
    r = gh_client_ask(conf.control, request, TIMEOUT_MS, ret, NULL, err);
    const char *advice = r < 0 ? advice_for(err->code) : NULL;
    return advice ? gh_fail(err, GH_SYSTEM, "cannot reach ghatd at %s: %s", conf.control, advice)
                  : r;
}

int gh_change(struct gh_ctl *ctl, const char *command, json_t *request,
              const struct gh_asker *asker, json_t **ret)
{
    struct gh_err err = {0};
    json_t *answer = NULL;
    *ret = NULL;
    /* a name that is no text may not be left out: the audit would not have it */
    if (request && asker->as && json_object_set_new(request, "as", json_string(asker->as)) < 0) {
        json_decref(request);
        request = NULL;
    }
    if (gh_ask(ctl, request, &answer, &err) < 0)
        return gh_ctl_fail(command, &err);
    if (!asker->json) {
        *ret = answer;
        return GH_EXIT_OK;
    }
    gh_print_json(answer);
    json_decref(answer);
    return GH_EXIT_OK;
}
