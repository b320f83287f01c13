/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which kind a page is, by its address as the table of routes knows it; the counts of all threads.
 */
#include "desk/times.h"

#include "base/page_times.h"

#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct gh_page_times times;
static bool told = true;

static enum gh_page_kind kind_of(const struct gh_req *q)
{
    static const struct {
        const char *first;
        enum gh_page_kind kind;
    } table[] = {{"login", GH_PAGE_LOGIN},
                 {"first", GH_PAGE_LOGIN},
                 {"logout", GH_PAGE_LOGIN},
                 {"q", GH_PAGE_QUEUE},
                 {"i", GH_PAGE_ITEM},
                 {"today", GH_PAGE_TODAY},
                 {"zip", GH_PAGE_FILE},
                 {"r", GH_PAGE_FILE},
                 {"o", GH_PAGE_PREVIEW},
                 {"p", GH_PAGE_PREVIEW},
                 {"questions", GH_PAGE_QUESTIONS},
                 {"question", GH_PAGE_QUESTIONS},
                 {"events", GH_PAGE_EVENTS},
                 {"event", GH_PAGE_EVENTS},
                 {"report", GH_PAGE_REPORT},
                 {"live", GH_PAGE_POLL},
                 {"count", GH_PAGE_POLL}};
    const char *first = q->path + 1;
    size_t n = strcspn(first, "/.");
    enum gh_page_kind kind = GH_PAGE_OTHER;
    for (size_t i = 0; i < GH_LEN(table); i++)
        if (strlen(table[i].first) == n && !strncmp(table[i].first, first, n))
            kind = table[i].kind;
    if (q->method == GH_POST && kind != GH_PAGE_LOGIN)
        kind = GH_PAGE_DECIDE;
    return kind;
}

void gh_times_add(const struct gh_req *q, int64_t us)
{
    enum gh_page_kind kind = q->known_uri ? kind_of(q) : GH_PAGE_OTHER;
    pthread_mutex_lock(&lock);
    gh_page_times_add(&times, kind, us);
    told = false;
    pthread_mutex_unlock(&lock);
}

void gh_times_tell(const struct gh_desk *desk)
{
    struct gh_page_times now;
    struct gh_err err;
    json_t *reply = NULL;
    pthread_mutex_lock(&lock);
    bool any = !told;
    now = times;
    told = true;
    pthread_mutex_unlock(&lock);
    if (!any)
        return;
    int r =
        gh_desk_ask_as(desk, NULL, "page-times",
                       json_pack("{s:o}", "pages", gh_page_times_json(&now)), &reply, NULL, &err);
    json_decref(reply);
    if (r == 0)
        return;
    pthread_mutex_lock(&lock);
    told = false; /* once more, a while later */
    pthread_mutex_unlock(&lock);
}
