/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat metrics: the figures of ghatd as Prometheus reads them, printed; or, behind a socket unit
 * with Accept=yes, as the answer to the one request of HTTP on standard input. */
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"

#include "base/client.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REQUEST_MAX 8192 /* bytes of a request with its headers */
#define REQUEST_MS 5000  /* for it to be there whole */
#define ANSWER_MS 5000   /* for ghatd */

#define PLAIN "text/plain; version=0.0.4; charset=utf-8"
#define OPEN "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* The request and its headers, up to the empty line. False when they do not come, or are too many.
 */
static bool read_request(int fd, struct gh_str *ret)
{
    int64_t deadline = gh_mono_ms() + REQUEST_MS;
    char bytes[1024];
    while (ret->len < REQUEST_MAX && !(ret->len && strstr(ret->data, "\r\n\r\n"))) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int64_t left = deadline - gh_mono_ms();
        if (left <= 0 || poll(&p, 1, (int)left) <= 0)
            return false;
        ssize_t n = read(fd, bytes, sizeof(bytes));
        if (n <= 0 || memchr(bytes, '\0', (size_t)n))
            return false;
        gh_str_add(ret, bytes, (size_t)n);
    }
    return ret->len < REQUEST_MAX;
}

/* Does the header Accept name OpenMetrics? */
static bool wants_open(const char *request)
{
    const char *accept = strcasestr(request, "\r\naccept:");
    const char *end = accept ? strstr(accept + 2, "\r\n") : NULL;
    const char *open = accept ? strcasestr(accept, "application/openmetrics-text") : NULL;
    return open && open < end;
}

static void answer_http(const char *status, const char *type, const char *body)
{
    printf("HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
           "Connection: close\r\n\r\n%s",
           status, type, strlen(body), body);
}

/* Over the desk's socket, where a request without a session has no right but to this. */
static int serve(struct gh_ctl *ctl, struct gh_err *err)
{
    GH_AUTO_STR request = {0};
    GH_AUTO(gh_conf_free) struct gh_conf conf = {0};
    json_t *answer = NULL;
    struct gh_err why = {0};
    TRY(gh_conf_load(ctl->conf_path, &conf, NULL, err));
    if (!read_request(STDIN_FILENO, &request)) {
        answer_http("400 Bad Request", PLAIN, "");
        return 0;
    }
    if (strncmp(request.data, "GET /metrics HTTP/", 18) != 0) {
        answer_http("404 Not Found", PLAIN, "GET /metrics\n");
        return 0;
    }
    bool open = wants_open(request.data);
    if (gh_client_ask(conf.desk_socket,
                      json_pack("{s:s, s:b}", "request", "metrics", "openmetrics", open), ANSWER_MS,
                      &answer, NULL, &why) < 0)
        answer_http("503 Service Unavailable", PLAIN, "ghatd does not answer\n");
    else
        answer_http("200 OK", open ? OPEN : PLAIN, gh_j_text(answer, "text"));
    json_decref(answer);
    return 0;
}

int gh_cmd_metrics(struct gh_ctl *ctl, int argc, char **argv)
{
    bool open = false, http = false;
    const struct gh_opt opts[] = {{"--openmetrics", NULL, NULL, &open},
                                  {"--http", NULL, NULL, &http}};
    struct gh_err err = {0};
    json_t *answer = NULL;
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n > 0)
        return gh_ctl_usage(argv[0], "it takes no arguments");
    if (http)
        return serve(ctl, &err) < 0 ? gh_ctl_fail(argv[0], &err) : GH_EXIT_OK;
    if (gh_ask(ctl, json_pack("{s:s, s:b}", "request", "metrics", "openmetrics", open), &answer,
               &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    fputs(gh_j_text(answer, "text"), stdout);
    json_decref(answer);
    return GH_EXIT_OK;
}
