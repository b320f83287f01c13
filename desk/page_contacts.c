/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom to call: the nodal officer of each department, the deputy, the superior, and when they are
 * on duty; as cards of a phone's address book, too. */
#include "desk/route.h"

#include "desk/vcard.h"

#include "base/json.h"

#include <string.h>

#define DIALLED 24 /* bytes of a number with its country */

/* Fields of ghatd's reply, and what the page says the person is. */
static const char *const people[] = {"nodal_officer", "deputy", "superior"};

/* The people of a department that have a name, in order, with what they are. */
static json_t *people_json(const json_t *department)
{
    json_t *list = json_array();
    for (size_t i = 0; i < GH_LEN(people); i++) {
        char number[DIALLED];
        json_t *p = json_object_get(department, people[i]);
        if (!*gh_j_text(p, "name") && !*gh_j_text(p, "mobile") && !*gh_j_text(p, "email"))
            continue;
        json_object_set_new(p, "is", json_string(people[i]));
        if (gh_vcard_dialled(gh_j_text(p, "mobile"), number, sizeof(number)))
            json_object_set_new(p, "dialled", json_string(number));
        json_array_append(list, p);
    }
    return list;
}

int gh_page_contacts(struct gh_req *q, struct gh_err *err)
{
    json_t *data = NULL, *d;
    size_t i;
    TRY(gh_desk_ask(q, "departments", NULL, &data, NULL, err));
    json_array_foreach (json_object_get(data, "departments"), i, d)
        json_object_set_new(d, "people", people_json(d));
    return gh_page_show(q, 200, "contacts", data, err);
}

/* Of one department ("water.vcf"), or of all ("all.vcf"). */
int gh_page_vcards(struct gh_req *q, struct gh_err *err)
{
    json_t *data = NULL, *d;
    size_t i, k, n = strlen(q->arg[0]);
    if (n < 5 || strcmp(q->arg[0] + n - 4, ".vcf") != 0) {
        gh_page_error(q, 404);
        return 0;
    }
    TRY(gh_desk_ask(q, "departments", NULL, &data, NULL, err));
    bool all = gh_streq(q->arg[0], "all.vcf"), known = all;
    json_array_foreach (json_object_get(data, "departments"), i, d) {
        const char *slug = gh_j_text(d, "slug"), *title = gh_j_text(d, "title");
        json_t *list = people_json(d), *p;
        bool wanted = all || (strlen(slug) == n - 4 && !strncmp(slug, q->arg[0], n - 4));
        known |= wanted;
        json_array_foreach (list, k, p) {
            const struct gh_vcard card = {.name = wanted ? gh_j_text(p, "name") : "",
                                          .title = gh_j_text(p, "designation"),
                                          .unit = *title ? title : slug,
                                          .mobile = gh_j_text(p, "mobile"),
                                          .email = gh_j_text(p, "email"),
                                          .note = gh_j_text(d, "hours")};
            gh_vcard_add(&q->reply.body, &card);
        }
        json_decref(list);
    }
    json_decref(data);
    if (!known || !q->reply.body.len) {
        gh_page_error(q, 404);
        return 0;
    }
    q->reply.status = 200;
    q->reply.type = "text/vcard; charset=utf-8";
    return 0;
}
