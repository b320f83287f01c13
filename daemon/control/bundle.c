/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests about lists of downloads: an item, a day, or everything that is to be collected, frozen
 * under a number for the person who asks. The desk makes a ZIP file of a list while it sends it,
 * and asks for each file when its turn comes: what was withdrawn since is handed out no more.
 */
#include "daemon/control/control_int.h"

#include "daemon/control/person.h"
#include "daemon/control/view.h"
#include "daemon/publish/outbox.h"
#include "daemon/publish/sums.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#define ITEMS_MAX 1000 /* submissions of one list */
#define DAY_LEN 10

/* A list in the making. */
struct making {
    struct gh_bundle_entry *list;
    size_t n, cap;
    uint64_t bytes;
    size_t text_bytes;
    bool more; /* something did not fit */
    bool all;  /* what is collected already, too */
    int64_t now_ms;
};

static void making_free(struct making *m)
{
    for (size_t i = 0; i < m->n; i++)
        gh_bundle_entry_free(&m->list[i]);
    free(m->list);
}

/* --------------------------------------------------------------------------------------- making */

static struct gh_bundle_entry *add(struct making *m, const struct gh_rendition *r)
{
    if (m->n == m->cap) {
        m->cap = m->cap ? 2 * m->cap : 64;
        m->list = gh_realloc(m->list, m->cap * sizeof(*m->list));
    }
    struct gh_bundle_entry *e = &m->list[m->n++];
    *e = (struct gh_bundle_entry){.submission = r->submission, .rendition = r->id};
    return e;
}

static bool is_wanted(const struct making *m, const struct gh_rendition *r)
{
    return r->state == GH_REN_PUBLISHED || (m->all && r->state == GH_REN_COLLECTED);
}

/* "2026-11-29/roads-12/fb.photo/02-roads-12-fb.photo-0a1b2c3d.jpg": as in the outbox, and in the
 * order in which a post shows them. nth 0: it is alone. */
static void add_output(struct making *m, const struct gh_item *item, const struct gh_rendition *r,
                       unsigned nth)
{
    char folder[128], path[256], number[16] = "";
    struct gh_bundle_entry *e = add(m, r);
    gh_outbox_folder(&item->sub, folder, sizeof(folder));
    gh_outbox_path(item, r, path, sizeof(path));
    if (nth)
        GH_FORMAT(number, "%02u-", nth);
    e->name = gh_asprintf("%s/%s/%s%s", folder, r->placement, number, strchr(path, '/') + 1);
    e->path = gh_asprintf("%s/%s", folder, path);
    e->bytes = r->bytes;
    e->time_ms = r->published_ms;
    GH_COPY(e->sha256, r->sha256);
    m->bytes += e->bytes;
}

static void add_text(struct making *m, const struct gh_item *item, const struct gh_rendition *r,
                     const char *name, const struct gh_str *text)
{
    char folder[128];
    if (!text->len)
        return;
    struct gh_bundle_entry *e = add(m, r);
    gh_outbox_folder(&item->sub, folder, sizeof(folder));
    e->name = gh_asprintf("%s/%s/%s", folder, r->placement, name);
    e->path = gh_strdup("");
    e->text = gh_strndup(text->data, text->len);
    e->bytes = text->len;
    e->time_ms = r->published_ms;
    gh_hash_mem(text->data, text->len, e->sha256);
    e->crc = gh_crc_mem(text->data, text->len);
    e->has_crc = true;
    m->text_bytes += text->len;
}

/* One post: its files in order, the words that go with it, and what each picture shows. */
static void add_placement(struct making *m, const struct gh_item *item, size_t from, size_t to)
{
    GH_AUTO_STR caption = {0};
    GH_AUTO_STR alts = {0};
    const struct gh_rendition *head = NULL;
    unsigned several = 0, nth = 0;
    for (size_t i = from; i < to; i++)
        several += is_wanted(m, &item->renditions[i]);
    for (size_t i = from; i < to; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        if (!is_wanted(m, r))
            continue;
        add_output(m, item, r, several > 1 ? ++nth : 0);
        if (!head)
            head = r;
        if (r->out_alt && *r->out_alt)
            gh_str_printf(&alts, "%s: %s\n", strrchr(m->list[m->n - 1].name, '/') + 1, r->out_alt);
    }
    if (!head)
        return;
    if (head->out_caption && *head->out_caption)
        gh_str_printf(&caption, "%s\n", head->out_caption);
    add_text(m, item, head, "caption.txt", &caption);
    add_text(m, item, head, "alt.txt", &alts);
}

static bool is_full(const struct making *m)
{
    return m->n > GH_BUNDLE_FILES || m->bytes > GH_BUNDLE_BYTES || m->text_bytes > GH_BUNDLE_TEXT;
}

/* Takes what was added from n on away again: an item is in a list whole, or not. */
static void take_back(struct making *m, const struct making *before)
{
    for (size_t i = before->n; i < m->n; i++)
        gh_bundle_entry_free(&m->list[i]);
    m->n = before->n;
    m->bytes = before->bytes;
    m->text_bytes = before->text_bytes;
    m->more = true;
}

static int add_item(struct gh_call *call, struct making *m, int64_t id, struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct gh_err why = {0};
    const struct making before = *m;
    if (gh_view_get_out(call, id, &item, &why) < 0)
        return why.cls == GH_USAGE ? 0 : gh_fail_code(err, why.cls, why.code, "%s", why.msg);
    for (size_t from = 0, to; from < item.n_renditions; from = to) {
        for (to = from + 1; to < item.n_renditions && gh_streq(item.renditions[from].placement,
                                                               item.renditions[to].placement);)
            to++;
        add_placement(m, &item, from, to);
    }
    if (is_full(m))
        take_back(m, &before);
    return 0;
}

/* What is asked for, as the page names it, and the submissions of it. */
static int find_items(struct gh_call *call, struct making *m, int64_t *ids, size_t *ret_n,
                      char *what, size_t size, struct gh_err *err)
{
    int64_t from, to, id;
    const char *day;
    bool fresh;
    TRY(gh_arg_text(call, "day", DAY_LEN, &day, err));
    TRY(gh_arg_bool(call, "new", false, &fresh, err));
    m->all = !fresh;
    if (fresh || day) {
        if (day)
            TRY(gh_day_span(day, &from, &to, err));
        gh_format(what, size, "%s", day ? day : "new");
        int n = fresh ? gh_ledger_uncollected(call->p->ledger, ids, ITEMS_MAX + 1, err)
                      : gh_ledger_out_on(call->p->ledger, day, ids, ITEMS_MAX + 1, err);
        TRY(n);
        m->more = n > ITEMS_MAX;
        *ret_n = GH_MIN((size_t)n, (size_t)ITEMS_MAX);
        return 0;
    }
    TRY(gh_arg_id(call, "id", &id, err));
    gh_format(what, size, "#%" PRId64, id);
    ids[0] = id;
    *ret_n = 1;
    return 0;
}

int gh_req_bundle_make(struct gh_call *call, struct gh_err *err)
{
    GH_AUTO(making_free) struct making m = {.now_ms = gh_now_ms()};
    GH_AUTO_FREE int64_t *ids = gh_alloc((ITEMS_MAX + 1) * sizeof(*ids));
    struct gh_who by = {.actor = call->actor};
    char what[16];
    size_t n;
    int64_t number;
    TRY(find_items(call, &m, ids, &n, what, sizeof(what), err));
    const bool cut = m.more;
    m.more = false;
    for (size_t i = 0; i < n && !m.more; i++)
        TRY(add_item(call, &m, ids[i], err));
    m.more |= cut;
    if (!m.n && m.more)
        return gh_refuse(call, err, "much",
                         "it is more than fits into one download: take its files one by one");
    if (!m.n)
        return gh_refuse(call, err, "nothing", "there is nothing to download");
    TRY(gh_ledger_bundle_make(call->p->ledger, &by, call->person->user.id, what, m.more, m.list,
                              m.n, &number, err));
    if (call->p->sums)
        gh_sums_wake(call->p->sums);
    gh_answer(call, "bundle", json_integer(number));
    gh_answer(call, "more", json_boolean(m.more));
    return 0;
}

/* -------------------------------------------------------------------------------------- reading */

static json_t *bundle_json(const struct gh_bundle *b)
{
    return json_pack("{s:I, s:s, s:o, s:s, s:b, s:I, s:I, s:b, s:I}", "bundle", (json_int_t)b->id,
                     "what", b->what, "made", gh_json_time(b->made_ms), "etag", b->etag, "more",
                     b->more, "files", (json_int_t)b->n, "bytes", (json_int_t)b->bytes, "ready",
                     !b->unsummed && !b->lost, "preparing", (json_int_t)b->unsummed);
}

static int arg_bundle(struct gh_call *call, struct gh_bundle *ret, struct gh_err *err)
{
    int64_t id;
    TRY(gh_arg_id(call, "bundle", &id, err));
    return gh_ledger_bundle(call->p->ledger, id, call->person->user.id, ret, err);
}

static bool add_gone(int64_t submission, const char *placement, const char *reason, void *arg)
{
    json_array_append_new(arg,
                          json_pack("{s:I, s:s, s:o}", "id", (json_int_t)submission, "placement",
                                    placement, "reason", gh_json_text(*reason ? reason : NULL)));
    return true;
}

static bool add_entry_json(const struct gh_bundle_entry *e, void *arg)
{
    json_array_append_new(arg, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "name", e->name, "bytes",
                                         (json_int_t)e->bytes, "crc", (json_int_t)e->crc, "time_ms",
                                         (json_int_t)e->time_ms, "id", (json_int_t)e->submission,
                                         "rendition", (json_int_t)e->rendition));
    return true;
}

/* "gone": what of it was withdrawn since; with any, nothing of the list is sent. */
int gh_req_bundle(struct gh_call *call, struct gh_err *err)
{
    struct gh_bundle b;
    json_t *gone = json_array(), *entries = json_array();
    gh_answer(call, "gone", gone);
    gh_answer(call, "entries", entries);
    TRY(arg_bundle(call, &b, err));
    if (b.unsummed && call->p->sums)
        gh_sums_wake(call->p->sums);
    gh_answer(call, "list", bundle_json(&b));
    gh_answer(call, "lost", json_integer((json_int_t)b.lost));
    TRY(gh_ledger_bundle_gone(call->p->ledger, b.id, add_gone, gone, err));
    return gh_ledger_bundle_entries(call->p->ledger, b.id, 0, add_entry_json, entries, err);
}

static bool add_bundle(const struct gh_bundle *b, void *arg)
{
    json_array_append_new(arg, bundle_json(b));
    return true;
}

int gh_req_bundles(struct gh_call *call, struct gh_err *err)
{
    json_t *list = json_array();
    size_t n;
    uint64_t bytes;
    gh_answer(call, "lists", list);
    TRY(gh_ledger_uncollected_size(call->p->ledger, &n, &bytes, err));
    gh_answer(call, "new",
              json_pack("{s:I, s:I}", "files", (json_int_t)n, "bytes", (json_int_t)bytes));
    return gh_ledger_bundles(call->p->ledger, call->person->user.id, add_bundle, list, err);
}

/* ---------------------------------------------------------------------------------- handing out */

struct one {
    struct gh_bundle_entry e;
    bool found;
};

static bool take_one(const struct gh_bundle_entry *e, void *arg)
{
    struct one *one = arg;
    one->e = *e;
    one->e.name = gh_strdup(e->name);
    one->e.path = gh_strdup(e->path);
    one->e.text = e->text ? gh_strdup(e->text) : NULL;
    one->found = true;
    return false;
}

static void one_free(struct one *one)
{
    gh_bundle_entry_free(&one->e);
}

/* Is it out, for this person, and the same bytes? */
static int check_out(struct gh_call *call, const struct gh_bundle_entry *e, struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct gh_err why = {0};
    int r = gh_view_get_out(call, e->submission, &item, &why);
    if (r < 0 && why.cls != GH_USAGE) {
        *err = why;
        return r;
    }
    for (size_t i = 0; r == 0 && i < item.n_renditions; i++) {
        const struct gh_rendition *o = &item.renditions[i];
        if (o->id == e->rendition && gh_delivery_is_out(o) &&
            (!*e->path || gh_streq(o->sha256, e->sha256)))
            return 0;
    }
    return gh_refuse(call, err, "withdrawn",
                     "something of this list was withdrawn: make a new list");
}

/* "entry", from 0: a descriptor, or its text. */
int gh_req_bundle_file(struct gh_call *call, struct gh_err *err)
{
    GH_AUTO(one_free) struct one one = {0};
    struct gh_bundle b;
    struct gh_err why = {0};
    const json_t *entry = json_object_get(call->request, "entry");
    json_int_t n = json_is_integer(entry) ? json_integer_value(entry) : -1;
    if (n < 0 || n > GH_BUNDLE_FILES)
        return gh_fail(err, GH_USAGE, "\"entry\" must be the number of an entry, from 0");
    TRY(arg_bundle(call, &b, err));
    TRY(gh_ledger_bundle_entries(call->p->ledger, b.id, (size_t)n, take_one, &one, err));
    if (!one.found)
        return gh_fail_code(err, GH_USAGE, ENOENT, "list %" PRId64 " is shorter", b.id);
    TRY(check_out(call, &one.e, err));
    gh_answer(call, "bytes", json_integer((json_int_t)one.e.bytes));
    if (one.e.text) {
        gh_answer(call, "text", gh_json_text(one.e.text));
        return 0;
    }
    if (gh_open_beneath(call->p->dirs->outbox, one.e.path, O_RDONLY, &call->fd, &why) < 0)
        return gh_refuse(call, err, "withdrawn", "the outbox does not have it any more");
    return 0;
}

/* ------------------------------------------------------------------------------------ collected */

struct collecting {
    int64_t *renditions; /* in order of their entries */
    int64_t *submissions;
    size_t n;
};

static void collecting_free(struct collecting *c)
{
    free(c->renditions);
    free(c->submissions);
}

static bool take_rendition(const struct gh_bundle_entry *e, void *arg)
{
    struct collecting *c = arg;
    if (*e->path && c->n < GH_BUNDLE_FILES) {
        c->renditions[c->n] = e->rendition;
        c->submissions[c->n++] = e->submission;
    }
    return true;
}

static bool is_listed(const struct collecting *c, int64_t rendition)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->renditions[i] == rendition)
            return true;
    return false;
}

/* Of one item what was in the list; what came out since is still to be collected. */
static int collect_item(struct gh_call *call, const struct collecting *c, int64_t id,
                        unsigned *changed, struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct gh_who by = {.actor = call->actor};
    struct gh_err why = {0};
    if (gh_view_get_out(call, id, &item, &why) < 0)
        return why.cls == GH_USAGE ? 0 : gh_fail_code(err, why.cls, why.code, "%s", why.msg);
    bool whole = true, any = false;
    for (size_t i = 0; i < item.n_renditions; i++)
        if (item.renditions[i].state == GH_REN_PUBLISHED) {
            bool in = is_listed(c, item.renditions[i].id);
            whole &= in;
            any |= in;
        }
    for (size_t i = 0; any && i < item.n_renditions; i++) {
        const struct gh_rendition *r = &item.renditions[i];
        const char *placement = r->placement;
        const unsigned file = gh_file_number(&item, r->file);
        unsigned n = 0;
        if (r->state != GH_REN_PUBLISHED || !is_listed(c, r->id))
            continue;
        const struct gh_decision_req req = {.verdict = GH_COLLECT,
                                            .submission = id,
                                            .placements = &placement,
                                            .n_placements = whole ? 0 : 1,
                                            .files = &file,
                                            .n_files = whole ? 0 : 1};
        TRY(gh_ledger_decide(call->p->ledger, &by, &req, &n, err));
        *changed += n;
        if (whole)
            break;
    }
    return 0;
}

int gh_req_bundle_collected(struct gh_call *call, struct gh_err *err)
{
    struct gh_bundle b;
    unsigned changed = 0;
    TRY(arg_bundle(call, &b, err));
    GH_AUTO(collecting_free)
    struct collecting c = {.renditions = gh_alloc(GH_BUNDLE_FILES * sizeof(int64_t)),
                           .submissions = gh_alloc(GH_BUNDLE_FILES * sizeof(int64_t))};
    TRY(gh_ledger_bundle_entries(call->p->ledger, b.id, 0, take_rendition, &c, err));
    TRY(gh_ledger_begin(call->p->ledger, err));
    int r = 0;
    for (size_t i = 0; r == 0 && i < c.n; i++)
        if (!i || c.submissions[i] != c.submissions[i - 1])
            r = collect_item(call, &c, c.submissions[i], &changed, err);
    TRY(gh_ledger_end(call->p->ledger, r, err));
    gh_answer(call, "changed", json_integer(changed));
    return 0;
}
