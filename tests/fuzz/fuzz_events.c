/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that announce events, calendars and texts: whatever the bytes, a calendar's lines have
 * their nine fields, each a text of one line, and what is read of a form can be meant. */
#include "daemon/calendar/calendar.h"
#include "daemon/event/form.h"
#include "pipeline/document/events.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TABS 8
#define NOW_MS ((int64_t)1796000000 * 1000) /* 30 November 2026 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_calendar(const char *bytes, size_t size)
{
    static struct gh_text lines;
    struct gh_err err;
    if (gh_calendar_read(bytes, size, &lines, &err) < 0)
        return;
    size_t tabs = 0;
    for (const char *c = lines.text; *c; c++) {
        tabs += *c == '\t';
        if (*c == '\n' && tabs != TABS)
            __builtin_trap();
        if (*c == '\n')
            tabs = 0;
        else if ((unsigned char)*c < ' ' && *c != '\t')
            __builtin_trap();
    }
    if (tabs || !gh_utf8_valid(lines.text, strlen(lines.text)))
        __builtin_trap();
}

static void check_said(const struct gh_event_said *said)
{
    if (said->ends_ms < said->starts_ms || said->ends_ms <= NOW_MS)
        __builtin_trap();
}

/* As something new, and as a change of what is there already. */
static void read_form(const char *bytes, size_t size)
{
    GH_AUTO_FREE char *text = gh_strndup(bytes, size);
    struct gh_event_form form;
    struct gh_event_said said;
    struct gh_event_kept kept;
    struct gh_err err;
    const struct gh_event there = {.title = (char *)"Fair",
                                   .place = (char *)"",
                                   .ward = (char *)"",
                                   .material = (char *)"",
                                   .starts_ms = gh_moment_of(gh_day_of(NOW_MS) + 4, 600, false),
                                   .ends_ms = gh_moment_of(gh_day_of(NOW_MS) + 6, 1020, false)};
    gh_event_form_of(text, &form);
    (void)gh_event_number(form.number);
    (void)gh_event_yes(form.cancel);
    if (gh_event_form_read(&form, NOW_MS, &said, &err) == 0) {
        check_said(&said);
        free(gh_event_form_uid(&said));
    }
    gh_event_form_keep(&form, &there, &kept);
    if (gh_event_form_read(&form, NOW_MS, &said, &err) == 0)
        check_said(&said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    setenv("TZ", "Asia/Kolkata", 1);
    if (size > 1 << 16)
        return 0;
    if (gh_is_calendar((const char *)data, size))
        read_calendar((const char *)data, size);
    else if (gh_utf8_valid((const char *)data, size)) /* others are read as UTF-16, or refused */
        read_form((const char *)data, size);
    return 0;
}
