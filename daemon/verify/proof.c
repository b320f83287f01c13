/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the audit by decision and by submission, in lists sorted by number. Rows of versions
 * before decisions were named in them prove a decision by the hash of its set alone. */
#include "daemon/verify/proof.h"

#include "daemon/publish/outbox.h"

#include "base/str.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

struct proven {
    int64_t submission, decision; /* decision 0: the row does not name it */
    char hash[GH_SHA_HEX];        /* of the set; of the manifest */
};
struct list {
    struct proven *rows;
    size_t n, cap;
};
struct gh_proof {
    struct list approvals, undone, manifests;
};

static void add(struct list *l, int64_t submission, int64_t decision, const char *hash)
{
    if (l->n == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 64;
        l->rows = gh_realloc(l->rows, l->cap * sizeof(*l->rows));
    }
    struct proven *row = &l->rows[l->n++];
    *row = (struct proven){.submission = submission, .decision = decision};
    gh_copy(row->hash, sizeof(row->hash), hash);
}

void gh_proof_free(struct gh_proof **p)
{
    if (!*p)
        return;
    free((*p)->approvals.rows);
    free((*p)->undone.rows);
    free((*p)->manifests.rows);
    gh_free_ptr(p);
}

/* The text behind the last `word` of a detail; "" when it is not there. A reason, which people
 * choose, comes after what is ours, so the first one counts. */
static const char *behind(const char *detail, const char *word)
{
    const char *at = strstr(detail, word);
    return at ? at + strlen(word) : "";
}

static bool take_row(const struct gh_audit_row *row, void *arg)
{
    struct gh_proof *p = arg;
    if (gh_streq(row->action, "approve")) {
        const char *set = behind(row->detail, "; set ");
        const char *named = strlen(set) >= GH_SHA_HEX - 1 ? set + GH_SHA_HEX - 1 : "";
        bool names = gh_starts(named, ", decision ");
        add(&p->approvals, row->submission,
            names ? strtoll(named + strlen(", decision "), NULL, 10) : 0, set);
    } else if (gh_streq(row->action, "undo")) {
        const char *at = behind(row->detail, "decisions ");
        for (char *end; *at >= '0' && *at <= '9'; at = *end == ',' ? end + 1 : end)
            add(&p->undone, row->submission, strtoll(at, &end, 10), "");
    } else if (gh_streq(row->action, "published")) {
        add(&p->manifests, row->submission, 0, behind(row->detail, ", sha256 "));
    }
    return true;
}

int gh_proof_read(struct gh_ledger *l, struct gh_proof **ret, struct gh_err *err)
{
    GH_AUTO(gh_proof_free) struct gh_proof *p = gh_alloc(sizeof(*p));
    *p = (struct gh_proof){0};
    TRY(gh_ledger_log(l, 0, 0, 0, take_row, p, err));
    *ret = gh_steal(&p);
    return 0;
}

static void say(gh_proof_fn *fn, void *arg, const char *fmt, ...) GH_PRINTF(3, 4);
static void say(gh_proof_fn *fn, void *arg, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    GH_AUTO_FREE char *line = gh_vasprintf(fmt, ap);
    va_end(ap);
    fn(line, arg);
}

/* ------------------------------------------------------------------------------------ decisions */

/* The row of a decision; NULL: there is none. */
static const struct proven *row_of(const struct list *l, const struct gh_decision *d)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct proven *row = &l->rows[i];
        if (row->submission == d->submission &&
            (row->decision ? row->decision == d->id : gh_streq(row->hash, d->set_hash)))
            return row;
    }
    return NULL;
}

static bool was_undone(const struct gh_proof *p, int64_t decision)
{
    for (size_t i = 0; i < p->undone.n; i++)
        if (p->undone.rows[i].decision == decision)
            return true;
    return false;
}

static int check_decision(const struct gh_proof *p, struct gh_ledger *l, const struct gh_item *item,
                          int64_t id, gh_proof_fn *fn, void *arg, struct gh_err *err)
{
    struct gh_decision d;
    int r = gh_ledger_decision(l, item, id, &d, err);
    TRY(r);
    const struct proven *row = r ? row_of(&p->approvals, &d) : NULL;
    if (!row)
        say(fn, arg, "submission %" PRId64 ": decision %" PRId64 " is not in the audit",
            item->sub.id, id);
    else if (!gh_streq(row->hash, d.set_hash))
        say(fn, arg,
            "submission %" PRId64 ": decision %" PRId64 " is not about what the audit says",
            item->sub.id, id);
    else if (row->decision && !gh_streq(d.kept_hash, d.set_hash))
        say(fn, arg,
            "submission %" PRId64 ": the outputs or words of decision %" PRId64
            " are not those that were approved",
            item->sub.id, id);
    if (was_undone(p, id))
        say(fn, arg,
            "submission %" PRId64 ": decision %" PRId64 " was undone, and counts all the same",
            item->sub.id, id);
    return 0;
}

/* The decision that an output stands on; 0: none, or it needs none. */
static int64_t stands_on(const struct gh_rendition *r)
{
    return gh_outbox_has(r) ? r->out : r->state == GH_REN_APPROVED ? r->decision : 0;
}

int gh_proof_decisions(const struct gh_proof *p, struct gh_ledger *l, const struct gh_item *item,
                       gh_proof_fn *fn, void *arg, struct gh_err *err)
{
    for (size_t i = 0; i < item->n_renditions; i++) {
        int64_t id = stands_on(&item->renditions[i]);
        bool again = false;
        for (size_t k = 0; k < i && !again; k++)
            again = stands_on(&item->renditions[k]) == id;
        if (id && !again)
            TRY(check_decision(p, l, item, id, fn, arg, err));
    }
    return 0;
}

/* ------------------------------------------------------------------------------------- manifest */

/* What two entries must have in common; texts and numbers. */
static bool same_fields(const json_t *a, const json_t *b, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const json_t *x = json_object_get(a, names[i]), *y = json_object_get(b, names[i]);
        bool none = (!x || json_is_null(x)) && (!y || json_is_null(y));
        if (!none && !json_equal((json_t *)x, (json_t *)y))
            return false;
    }
    return true;
}

static bool same_lists(const json_t *a, const json_t *b, const char *const *names, size_t n)
{
    bool same = json_array_size(a) == json_array_size(b);
    for (size_t i = 0; same && i < json_array_size(a); i++)
        same = same_fields(json_array_get(a, i), json_array_get(b, i), names, n);
    return same;
}

/* Does it say what the ledger does? Cards of departments and profiles change without it. */
static bool says_the_same(const json_t *said, const struct gh_item *item)
{
    static const char *const top[] = {"id", "original_name", "caption"};
    static const char *const file[] = {"path",    "position", "placement",       "part",
                                       "parts",   "sha256",   "original_name",   "bytes",
                                       "caption", "alt_text", "original_sha256", "removed"};
    static const char *const gone[] = {"path", "placement", "part", "sha256", "reason"};
    json_t *should = gh_manifest(item, &(struct gh_manifest_about){0});
    bool same = same_fields(said, should, top, GH_LEN(top)) &&
                same_lists(json_object_get(said, "files"), json_object_get(should, "files"), file,
                           GH_LEN(file)) &&
                same_lists(json_object_get(said, "withdrawn"), json_object_get(should, "withdrawn"),
                           gone, GH_LEN(gone));
    json_decref(should);
    return same;
}

void gh_proof_manifest(const struct gh_proof *p, const struct gh_item *item, const char *text,
                       size_t n, gh_proof_fn *fn, void *arg)
{
    char hex[GH_SHA_HEX];
    const char *kept = item->sub.manifest_sha256, *recorded = "";
    gh_hash_mem(text, n, hex);
    for (size_t i = 0; i < p->manifests.n; i++)
        if (p->manifests.rows[i].submission == item->sub.id)
            recorded = p->manifests.rows[i].hash;
    if (*kept && !gh_streq(hex, kept))
        say(fn, arg,
            "submission %" PRId64 ": its manifest.json is not the one that was written (sha256"
            " %.16s…, the ledger says %.16s…)",
            item->sub.id, hex, kept);
    if (!gh_streq(kept, recorded))
        say(fn, arg, "submission %" PRId64 ": its manifest is not the one that the audit records",
            item->sub.id);
    json_t *said = json_loadb(text, n, 0, NULL);
    if (!says_the_same(said, item))
        say(fn, arg,
            "submission %" PRId64
            ": its manifest.json does not say what was approved and withdrawn",
            item->sub.id);
    json_decref(said);
}
