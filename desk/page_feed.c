/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The events as a calendar (RFC 5545), for whoever has its link. Times are of UTC, so that no zone
 * has to be defined; days are days. */
#include "desk/route.h"

#include "desk/vcard.h"

#include "base/json.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define STAMP 24

static void stamp(int64_t ms, char ret[STAMP])
{
    time_t t = (time_t)(ms / 1000);
    struct tm tm = {0};
    gmtime_r(&t, &tm);
    strftime(ret, STAMP, "%Y%m%dT%H%M%SZ", &tm);
}

/* "DTSTART:20261204T053000Z", or "DTSTART;VALUE=DATE:20261204" of a text that begins "2026-12-04".
 */
static void add_time(struct gh_str *out, const char *name, const json_t *e, const char *field,
                     const char *field_ms)
{
    char at[STAMP];
    GH_AUTO_FREE char *line = NULL;
    const char *text = gh_j_text(e, field);
    if (json_is_true(json_object_get(e, "all_day"))) {
        line = gh_asprintf("%s;VALUE=DATE:%.4s%.2s%.2s", name, text, text + 5, text + 8);
    } else {
        stamp(gh_j_int(e, field_ms), at);
        line = gh_asprintf("%s:%s", name, at);
    }
    gh_card_line(out, line);
}

static void add_event(struct gh_str *out, const json_t *e)
{
    static const char host[] = "@ghat";
    bool cancelled = !strcmp(gh_j_text(e, "state"), "cancelled");
    char changed[STAMP];
    if (strlen(gh_j_text(e, "starts")) < 10 || strlen(gh_j_text(e, "ends")) < 10)
        return;
    stamp(gh_j_int(e, "changed_ms"), changed);
    GH_AUTO_FREE char *uid = gh_asprintf("UID:event-%" PRId64 "%s", gh_j_int(e, "id"), host);
    GH_AUTO_FREE char *at = gh_asprintf("DTSTAMP:%s", changed);
    GH_AUTO_FREE char *sequence = gh_asprintf("SEQUENCE:%" PRId64, gh_j_int(e, "revision"));
    gh_card_line(out, "BEGIN:VEVENT");
    gh_card_line(out, uid);
    gh_card_line(out, at);
    gh_card_line(out, sequence);
    add_time(out, "DTSTART", e, "starts", "starts_ms");
    add_time(out, "DTEND", e, "ends", "ends_ms");
    gh_card_line(out, cancelled ? "STATUS:CANCELLED" : "STATUS:CONFIRMED");
    gh_card_field(out, "SUMMARY:", gh_j_text(e, "event"), "");
    gh_card_field(out, "LOCATION:", gh_j_text(e, "place"), "");
    gh_card_field(out, "CATEGORIES:", gh_j_text(e, "title"), "");
    gh_card_field(out, "DESCRIPTION:", gh_j_text(e, "material"), "");
    gh_card_line(out, "END:VEVENT");
}

int gh_page_feed(struct gh_req *q, struct gh_err *err)
{
    json_t *data = NULL, *e;
    size_t i;
    *q->session = 0; /* the link alone counts */
    TRY(gh_desk_ask(q, "feed", json_pack("{s:s}", "token", gh_query(q, "k")), &data, NULL, err));
    gh_card_line(&q->reply.body, "BEGIN:VCALENDAR");
    gh_card_line(&q->reply.body, "VERSION:2.0");
    gh_card_line(&q->reply.body, "PRODID:-//Ghat//Events//EN");
    json_array_foreach (json_object_get(data, "events"), i, e)
        add_event(&q->reply.body, e);
    gh_card_line(&q->reply.body, "END:VCALENDAR");
    json_decref(data);
    q->reply.status = 200;
    q->reply.type = "text/calendar; charset=utf-8";
    return 0;
}
