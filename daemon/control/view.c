/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Visibility by role. Of an output that is out, its words are those that it went out with; whoever
 * does not see every item sees no decision before the outside may. */
#include "daemon/control/view.h"

#include "base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define SEE_ALL (GH_APPROVER | GH_VIEWER | GH_ADMINISTRATOR)

bool gh_view_is_whole(const struct gh_call *call)
{
    return !call->person || (call->person->roles & SEE_ALL);
}

bool gh_view_owns(const struct gh_call *call, const char *department)
{
    char slug[80];
    GH_FORMAT(slug, ",%s,", department);
    return call->person && (call->person->roles & GH_OFFICER) &&
           strstr(call->person->user.departments, slug);
}

enum gh_view gh_view_of(const struct gh_call *call, const char *department)
{
    if (gh_view_is_whole(call) || gh_view_owns(call, department))
        return GH_VIEW_ALL;
    return call->person->roles & GH_AGENCY ? GH_VIEW_OUT : GH_VIEW_NONE;
}

void gh_view_limit(const struct gh_call *call, struct gh_list_filter *filter)
{
    if (gh_view_is_whole(call))
        return;
    filter->limited = true;
    /* who asks for a state that is not out gets nothing of what is only partly out */
    filter->out = (call->person->roles & GH_AGENCY) &&
                  (!filter->state || gh_streq(filter->state, "published") ||
                   gh_streq(filter->state, "collected") || gh_streq(filter->state, "withdrawn"));
    filter->departments = call->person->roles & GH_OFFICER ? call->person->user.departments : NULL;
}

static void replace(char **text, const char *with)
{
    char *fresh = with ? gh_strdup(with) : NULL;
    free(*text);
    *text = fresh;
}

/* The words of one output, as they went out; nothing of who decided, and why it was as it was. */
static void show_words(struct gh_item *item, struct gh_rendition *r)
{
    for (size_t i = 0; i < item->n_files; i++)
        if (item->files[i].id == r->file)
            replace(&item->files[i].alt, r->out_alt && *r->out_alt ? r->out_alt : NULL);
    replace(&r->approved_caption, r->out_caption);
    r->decision = r->out;
    if (r->out_caption && *r->out_caption) {
        item->captions =
            gh_realloc(item->captions, (item->n_captions + 1) * sizeof(*item->captions));
        struct gh_caption *c = &item->captions[item->n_captions++];
        GH_COPY(c->placement, r->placement);
        c->text = gh_strdup(r->out_caption);
    }
    if (r->state != GH_REN_WITHDRAWN)
        replace(&r->reason, NULL);
    replace(&r->note, NULL);
    replace(&r->decided_by, NULL);
    replace(&r->checks, NULL);
    r->staged_ms = r->approved_ms = r->decided_ms = 0;
}

static void hide_submission(struct gh_submission *s, bool all_collected, bool all_withdrawn,
                            const char *common)
{
    replace(&s->caption, common);
    replace(&s->approved_caption, common);
    replace(&s->reason, NULL);
    replace(&s->approved_by, NULL);
    s->staged_ms = s->approved_ms = s->decided_ms = s->caption_ms = 0;
    s->revision = s->approved_revision = s->retired = 0;
    s->manifest = s->manifest_done;
    s->duplicate_of = 0;
    s->embargo_ms = 0;
    if (!all_withdrawn) /* the correction is not out yet */
        s->replaced_by = 0;
    s->embargo_ms = 0;
    s->state = all_collected ? GH_SUB_DELIVERED : GH_SUB_DECIDED;
}

/* Take out of the item what is not out; false: then nothing is left of it. */
static bool prune(struct gh_item *item)
{
    size_t n = 0;
    bool collected = true, withdrawn = true;
    for (size_t i = 0; i < item->n_renditions; i++) {
        struct gh_rendition *r = &item->renditions[i];
        if (!gh_is_out(r)) {
            gh_rendition_free(r);
            continue;
        }
        collected &= r->state != GH_REN_PUBLISHED;
        withdrawn &= r->state == GH_REN_WITHDRAWN;
        item->renditions[n++] = *r;
        if (n - 1 != i)
            *r = (struct gh_rendition){0};
    }
    item->n_renditions = n;
    for (size_t i = 0; i < item->n_captions; i++)
        free(item->captions[i].text);
    item->n_captions = 0;
    for (size_t i = 0; i < item->n_files; i++)
        replace(&item->files[i].alt, NULL);
    GH_AUTO_FREE char *common =
        n && item->renditions[0].out_common ? gh_strdup(item->renditions[0].out_common) : NULL;
    for (size_t i = 0; i < n; i++)
        show_words(item, &item->renditions[i]);
    hide_submission(&item->sub, collected, withdrawn, common);
    return n > 0;
}

static int no_submission(int64_t id, struct gh_err *err)
{
    return gh_fail_code(err, GH_USAGE, ENOENT, "there is no submission %" PRId64, id);
}

int gh_view_get(const struct gh_call *call, int64_t id, struct gh_item *ret, enum gh_view *ret_view,
                struct gh_err *err)
{
    enum gh_view view;
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_ledger_get(call->p->ledger, id, &item, err));
    view = gh_view_of(call, item.sub.department);
    if (view == GH_VIEW_OUT && !prune(&item))
        view = GH_VIEW_NONE;
    if (view == GH_VIEW_NONE)
        return no_submission(id, err);
    if (!gh_view_is_whole(call))
        gh_hide_inside(&item);
    if (ret_view)
        *ret_view = view;
    *ret = item;
    item = (struct gh_item){0};
    return 0;
}

int gh_view_get_out(const struct gh_call *call, int64_t id, struct gh_item *ret, struct gh_err *err)
{
    enum gh_view view;
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_view_get(call, id, &item, &view, err));
    if (view == GH_VIEW_ALL && !prune(&item))
        return no_submission(id, err);
    *ret = item;
    item = (struct gh_item){0};
    return 0;
}

char *gh_view_who(const char *actor)
{
    size_t n = gh_starts(actor, "user:") ? strcspn(actor + 5, " ") : 0;
    return n ? gh_asprintf("%.*s", (int)n, actor + 5) : gh_strdup(actor);
}

int gh_view_get_whole(const struct gh_call *call, int64_t id, struct gh_item *ret,
                      struct gh_err *err)
{
    enum gh_view view;
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_view_get(call, id, &item, &view, err));
    if (view != GH_VIEW_ALL)
        return no_submission(id, err);
    *ret = item;
    item = (struct gh_item){0};
    return 0;
}
