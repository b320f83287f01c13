/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way in: each role's own first page, whether all is well, and what a phone puts on its home
 * screen. */
#include "desk/route.h"

int gh_page_home(struct gh_req *q, struct gh_err *err)
{
    if (q->roles & (GH_APPROVER | GH_VIEWER | GH_OFFICER))
        return gh_page_goto(q, "/q");
    if (q->roles & GH_AGENCY)
        return gh_page_goto(q, "/today");
    return gh_page_show(q, 200, "home", NULL, err);
}

/* 200 only when ghatd answered. */
int gh_page_health(struct gh_req *q, struct gh_err *err)
{
    json_t *reply = NULL;
    *q->session = 0;
    int r = gh_desk_ask(q, "health", NULL, &reply, NULL, err);
    json_decref(reply);
    q->reply.status = r < 0 ? 503 : 200;
    q->reply.type = "text/plain; charset=utf-8";
    gh_str_puts(&q->reply.body, r < 0 ? "ghatd does not answer\n" : "ok\n");
    return 0;
}

/* For the home screen: the desk as an application of its own, beginning with the queue. */
int gh_page_manifest(struct gh_req *q, struct gh_err *err)
{
    (void)err;
    static const struct {
        const char *asset, *sizes, *type;
    } icons[] = {{"touch_png", "192x192", "image/png"}, {"mark_svg", "any", "image/svg+xml"}};
    json_t *list = json_array();
    for (size_t i = 0; i < GH_LEN(icons); i++)
        json_array_append_new(list, json_pack("{s:O, s:s, s:s}", "src",
                                              json_object_get(q->desk->assets, icons[i].asset),
                                              "sizes", icons[i].sizes, "type", icons[i].type));
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "name", "Ghat", "short_name",
                          "Ghat", "id", "/", "start_url", "/", "display", "standalone",
                          "background_color", "#f3f5f4", "theme_color", "#0b5563", "icons", list);
    GH_AUTO_FREE char *text = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    q->reply.status = 200;
    q->reply.type = "application/manifest+json";
    gh_str_puts(&q->reply.body, text ? text : "{}");
    return 0;
}
