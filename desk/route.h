/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one table of addresses: which method and pattern, who may come, and the page. In a pattern
 * "#" is a number, "%" a token of 8 to 64 hex digits, "*" a file name.
 */
#ifndef GH_DESK_ROUTE_H
#define GH_DESK_ROUTE_H

#include "desk/desk.h"

struct gh_route {
    enum gh_method method;
    const char *pattern;
    unsigned roles; /* enum gh_desk_role; GH_ANYONE: also without a session */
    int (*page)(struct gh_req *q, struct gh_err *err);
};
extern const struct gh_route gh_routes[]; /* ends with a pattern NULL */

/** The route of a path, its variable parts into ret_args. NULL: there is none. */
const struct gh_route *gh_route_find(enum gh_method method, const char *path,
                                     char ret_args[GH_ARGS][GH_ARG_BYTES]);

/* Each page fills q->reply. */
int gh_page_home(struct gh_req *q, struct gh_err *err);
int gh_page_health(struct gh_req *q, struct gh_err *err);
int gh_page_manifest(struct gh_req *q, struct gh_err *err);
int gh_page_static(struct gh_req *q, struct gh_err *err);
int gh_page_login(struct gh_req *q, struct gh_err *err);
int gh_page_login_post(struct gh_req *q, struct gh_err *err);
int gh_page_logout(struct gh_req *q, struct gh_err *err);
int gh_page_first(struct gh_req *q, struct gh_err *err);
int gh_page_first_post(struct gh_req *q, struct gh_err *err);
int gh_page_wall(struct gh_req *q, struct gh_err *err);
int gh_page_me(struct gh_req *q, struct gh_err *err);
int gh_page_me_set(struct gh_req *q, struct gh_err *err);
int gh_page_me_password(struct gh_req *q, struct gh_err *err);
int gh_page_me_session(struct gh_req *q, struct gh_err *err);
int gh_page_me_totp(struct gh_req *q, struct gh_err *err);
int gh_page_me_deputy(struct gh_req *q, struct gh_err *err);
int gh_page_queue(struct gh_req *q, struct gh_err *err);
int gh_page_queue_approve(struct gh_req *q, struct gh_err *err);
int gh_page_item(struct gh_req *q, struct gh_err *err);
int gh_page_compare(struct gh_req *q, struct gh_err *err);
int gh_page_print(struct gh_req *q, struct gh_err *err);
int gh_page_log(struct gh_req *q, struct gh_err *err);
int gh_page_decide(struct gh_req *q, struct gh_err *err);
int gh_page_caption(struct gh_req *q, struct gh_err *err);
int gh_page_alt(struct gh_req *q, struct gh_err *err);
int gh_page_choose(struct gh_req *q, struct gh_err *err);
int gh_page_events(struct gh_req *q, struct gh_err *err);
int gh_page_event(struct gh_req *q, struct gh_err *err);
int gh_page_event_add(struct gh_req *q, struct gh_err *err);
int gh_page_event_act(struct gh_req *q, struct gh_err *err);
int gh_page_feed(struct gh_req *q, struct gh_err *err);
int gh_page_questions(struct gh_req *q, struct gh_err *err);
int gh_page_question(struct gh_req *q, struct gh_err *err);
int gh_page_ask(struct gh_req *q, struct gh_err *err);
int gh_page_question_act(struct gh_req *q, struct gh_err *err);
int gh_page_report(struct gh_req *q, struct gh_err *err);
int gh_page_report_csv(struct gh_req *q, struct gh_err *err);
int gh_page_frozen(struct gh_req *q, struct gh_err *err);
int gh_page_freeze(struct gh_req *q, struct gh_err *err);
int gh_page_media(struct gh_req *q, struct gh_err *err);
int gh_page_original(struct gh_req *q, struct gh_err *err);
int gh_page_preview(struct gh_req *q, struct gh_err *err);
int gh_page_live(struct gh_req *q, struct gh_err *err);
int gh_page_today(struct gh_req *q, struct gh_err *err);
int gh_page_plea(struct gh_req *q, struct gh_err *err);
int gh_page_zip_make(struct gh_req *q, struct gh_err *err);
int gh_page_zip(struct gh_req *q, struct gh_err *err);
int gh_page_zip_bytes(struct gh_req *q, struct gh_err *err);
int gh_page_zip_collected(struct gh_req *q, struct gh_err *err);
/** The person's lists of downloads, as "lists", and what is new, as "fresh", into data. */
void gh_zip_lists_add(struct gh_req *q, json_t *data);
int gh_page_deliver(struct gh_req *q, struct gh_err *err);
int gh_page_contacts(struct gh_req *q, struct gh_err *err);
int gh_page_vcards(struct gh_req *q, struct gh_err *err);
int gh_page_count(struct gh_req *q, struct gh_err *err);

#endif
