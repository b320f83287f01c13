/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of codes and their words. */
#include "desk/say.h"

#include "base/speak.h"
#include "base/str.h"

#include <string.h>

/* English stands here, the other languages in po/. */
static const struct {
    const char *kind, *code, *text;
} table[] = {
    {"state", "arriving", GH_WC("state", "arriving")},
    {"state", "received", GH_WC("state", "received")},
    {"state", "rendering", GH_WC("state", "in work")},
    {"state", "due", GH_WC("state", "in work")},
    {"state", "running", GH_WC("state", "in work")},
    {"state", "staged", GH_WC("state", "waiting")},
    {"state", "held", GH_WC("state", "on hold")},
    {"state", "approved", GH_WC("state", "approved")},
    {"state", "publishing", GH_WC("state", "going out")},
    {"state", "published", GH_WC("state", "out")},
    {"state", "collected", GH_WC("state", "collected")},
    {"state", "delivered", GH_WC("state", "collected")},
    {"state", "decided", GH_WC("state", "decided")},
    {"state", "rejected", GH_WC("state", "rejected")},
    {"state", "withdrawn", GH_WC("state", "withdrawn")},
    {"state", "skipped", GH_WC("state", "not possible")},
    {"state", "failed", GH_WC("state", "failed")},
    {"state", "quarantined", GH_WC("state", "refused")},
    {"state", "duplicate", GH_WC("state", "sent twice")},

    {"question", "open", GH_WC("question", "waits for an answer")},
    {"question", "answered", GH_WC("question", "answered")},
    {"question", "closed", GH_WC("question", "closed")},
    {"question", "withdrawn", GH_WC("question", "taken back")},
    {"event", "announced", GH_WC("event", "announced")},
    {"event", "changed", GH_WC("event", "changed")},
    {"event", "covered", GH_WC("event", "covered")},
    {"event", "late", GH_WC("event", "nothing came yet")},
    {"event", "missed", GH_WC("event", "nothing came of it")},
    {"event", "cancelled", GH_WC("event", "cancelled")},
    {"span", "day", GH_WC("span", "Today")},
    {"span", "week", GH_WC("span", "7 days")},
    {"span", "month", GH_WC("span", "30 days")},
    {"span", "year", GH_WC("span", "365 days")},
    {"said", "ask", GH_WC("said", "Asked")},
    {"said", "answer", GH_WC("said", "Answered")},
    {"said", "note", GH_WC("said", "Added")},
    {"said", "extend", GH_WC("said", "Asked for more time")},
    {"said", "reopen", GH_WC("said", "Asked again")},
    {"said", "close", GH_WC("said", "Closed")},
    {"said", "withdraw", GH_WC("said", "Taken back")},
    {"said", "recompute", GH_WC("said", "Time counted anew")},

    {"person", "nodal_officer", GH_WC("person", "Nodal officer")},
    {"person", "deputy", GH_WC("person", "Deputy")},
    {"person", "superior", GH_WC("person", "Superior")},
    {"delivery", "posted", GH_WC("delivery", "Posted")},
    {"delivery", "refused", GH_WC("delivery", "Refused by the platform")},
    {"delivery", "removed", GH_WC("delivery", "Taken down")},

    {"filter", "staged", GH_WC("filter", "Waiting")},
    {"filter", "held", GH_WC("filter", "On hold")},
    {"filter", "rejected", GH_WC("filter", "Rejected")},
    {"filter", "all", GH_WC("filter", "All")},

    {"asked", "every", GH_WC("asked", "All")},
    {"asked", "open", GH_WC("asked", "Open")},
    {"asked", "answered", GH_WC("asked", "Answered")},
    {"asked", "closed", GH_WC("asked", "Closed")},

    {"role", "approver", GH_WC("role", "Approver")},
    {"role", "agency", GH_WC("role", "Agency")},
    {"role", "officer", GH_WC("role", "Officer")},
    {"role", "admin", GH_WC("role", "Administrator")},
    {"role", "viewer", GH_WC("role", "Viewer")},

    {"scheme", "auto", GH_WC("scheme", "As the device")},
    {"scheme", "light", GH_WC("scheme", "Light")},
    {"scheme", "dark", GH_WC("scheme", "Dark")},

    {"notice", "waiting", GH_WC("notice", "What waits for a decision")},
    {"notice", "decided", GH_WC("notice", "What was rejected or put on hold")},
    {"notice", "collect", GH_WC("notice", "What is approved and out")},
    {"notice", "questions", GH_WC("notice", "Questions, answers and reminders")},
    {"notice", "events", GH_WC("notice", "Events")},
    {"notice", "report", GH_WC("notice", "The report of a week, and days without anything")},

    {"why", "wrong", GH_WC("why", "Name or password is wrong.")},
    {"why", "code", GH_WC("why", "The code of your authenticator app is missing or wrong.")},
    {"why", "wait", GH_WC("why", "Too many attempts. Please wait a little.")},
    {"why", "changed", GH_WC("why", "Something changed since you looked.")},
    {"why", "state", GH_WC("why", "That is not possible any more.")},
    {"why", "taken", GH_WC("why", "Somebody else is at it, or something has to be done first.")},
    {"why", "gone", GH_WC("why", "There is no such item.")},
    {"why", "session", GH_WC("why", "You have been logged out.")},
    {"why", "role", GH_WC("why", "You may not do that.")},
    {"why", "short", GH_WC("why", "The password is too short.")},
    {"why", "differ", GH_WC("why", "The two passwords are not the same.")},
    {"why", "nothing", GH_WC("why", "There is nothing to download.")},
    {"why", "much", GH_WC("why", "That is more than fits into one download.")},
    {"why", "other", GH_WC("why", "That did not work.")},

    {"done", "approve", GH_WC("done", "Approved")},
    {"done", "hold", GH_WC("done", "On hold")},
    {"done", "reject", GH_WC("done", "Rejected")},
    {"done", "release", GH_WC("done", "Waiting again")},
    {"done", "withdraw", GH_WC("done", "Withdrawn")},
    {"done", "undo", GH_WC("done", "Taken back")},
    {"done", "retry", GH_WC("done", "Tried again")},
    {"done", "rerender", GH_WC("done", "Made again")},
    {"done", "caption", GH_WC("done", "Caption saved")},
    {"done", "alt", GH_WC("done", "Description saved")},
    {"done", "urgent", GH_WC("done", "Urgency changed")},
    {"done", "embargo", GH_WC("done", "Time of release set")},
    {"done", "replaces", GH_WC("done", "Correction noted")},
    {"done", "order", GH_WC("done", "Order changed")},
    {"done", "thumb", GH_WC("done", "Thumbnail is made again")},
    {"done", "focal", GH_WC("done", "Crops are made again")},
    {"done", "saved", GH_WC("done", "Saved")},
    {"done", "ask", GH_WC("done", "Asked")},
    {"done", "question-answer", GH_WC("done", "Answered")},
    {"done", "question-extend", GH_WC("done", "More time was given")},
    {"done", "question-reopen", GH_WC("done", "Asked again")},
    {"done", "question-close", GH_WC("done", "Closed")},
    {"done", "question-withdraw", GH_WC("done", "The question was taken back")},
    {"done", "ask-withdraw", GH_WC("done", "The approver is asked")},
    {"done", "stays", GH_WC("done", "The department is told")},
    {"done", "event-announce", GH_WC("done", "The event is announced")},
    {"done", "event-change", GH_WC("done", "The event was changed")},
    {"done", "event-cancel", GH_WC("done", "The event was cancelled")},
    {"done", "recall", GH_WC("done", "Taken back by the department")},
    {"done", "collected", GH_WC("done", "Collected")},
    {"done", "take", GH_WC("done", "Noted who posts it")},
    {"done", "posted", GH_WC("done", "Link saved")},
    {"done", "refused", GH_WC("done", "The approver is told")},
    {"done", "acknowledge", GH_WC("done", "Read")},
    {"done", "freeze", GH_WC("done", "Nothing goes out now")},
    {"done", "thaw", GH_WC("done", "Publication goes on")},

    {"removed", "GPS position", GH_WC("removed", "GPS position")},
    {"removed", "camera or lens serial number", GH_WC("removed", "camera serial number")},
    {"removed", "owner or host name", GH_WC("removed", "owner's name")},
    {"removed", "names or regions of faces", GH_WC("removed", "names of faces")},
    {"removed", "maker note", GH_WC("removed", "maker's notes")},
    {"removed", "embedded thumbnail or preview", GH_WC("removed", "hidden preview picture")},
    {"removed", "comment", GH_WC("removed", "comments")},
    {"removed", "camera make, model and settings", GH_WC("removed", "camera model and settings")},
    {"removed", "capture date", GH_WC("removed", "time of capture")},
    {"removed", "artist, credit or copyright", GH_WC("removed", "author's name")},
    {"removed", "description or caption", GH_WC("removed", "text inside the file")},
    {"removed", "XMP packet", GH_WC("removed", "XMP data")},
    {"removed", "IPTC record", GH_WC("removed", "IPTC data")},
    {"removed", "other EXIF fields", GH_WC("removed", "other camera data")},
    {"removed", "colour profile", GH_WC("removed", "colour profile")},
    {"removed", "further pictures in the file (MPF)", GH_WC("removed", "further pictures")},
    {"removed", "data after the picture (motion photo, gain map)",
     GH_WC("removed", "data after the picture")},
    {"removed", "encoder settings", GH_WC("removed", "encoder settings")},
    {"removed", "container metadata (udta, QuickTime keys)",
     GH_WC("removed", "phone's video data")},
    {"removed", "data, timecode or telemetry track", GH_WC("removed", "telemetry")},
    {"removed", "chapters", GH_WC("removed", "chapters")},
    {"removed", "software names", GH_WC("removed", "software names")},
    {"removed", "unknown metadata", GH_WC("removed", "unknown data")},

    {"hours", "daily", GH_WC("hours", "daily")},
    {"hours", "closed", GH_WC("hours", "closed")},
    {"hours", "open", GH_WC("hours", "open")},
    {"hours", "mon", GH_WC("hours", "Mon")},
    {"hours", "tue", GH_WC("hours", "Tue")},
    {"hours", "wed", GH_WC("hours", "Wed")},
    {"hours", "thu", GH_WC("hours", "Thu")},
    {"hours", "fri", GH_WC("hours", "Fri")},
    {"hours", "sat", GH_WC("hours", "Sat")},
    {"hours", "sun", GH_WC("hours", "Sun")},
};

const char *gh_say(const struct gh_words *w, const char *kind, const char *code)
{
    if (gh_streq(kind, "language")) /* each in itself */
        return gh_word(gh_words_of(code), "the name of this language, in itself", "English");
    if (gh_streq(kind, "plain")) /* ghatd sends it in English */
        return gh_word(w, NULL, code);
    for (size_t i = 0; i < GH_LEN(table); i++)
        if (!strcmp(table[i].kind, kind) && !strcmp(table[i].code, code))
            return gh_word(w, kind, table[i].text);
    return code;
}

void gh_say_hours(struct gh_str *out, const struct gh_words *w, const char *hours)
{
    for (size_t n; *hours; hours += n) {
        n = strspn(hours, "abcdefghijklmnopqrstuvwxyz");
        bool word = n > 0;
        if (!word)
            n = strcspn(hours, "abcdefghijklmnopqrstuvwxyz");
        GH_AUTO_FREE char *part = gh_strndup(hours, n);
        if (word)
            gh_str_puts(out, gh_say(w, "hours", part));
        else
            gh_speak_text(out, w, part);
    }
}
