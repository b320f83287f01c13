/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The book-keeping of one attempt: rows of a plan, outputs of the engine, staging, and the report
 * to the ledger. Owns the descriptors of outputs, which have no names until they are staged; the
 * ledger hears of an output only when it is durable. Failures have the class of the store or the
 * ledger.
 */
#include "daemon/attempt/attempt.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/store/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>

/* Wait before an attempt that was not the file's fault is made again. */
#define AGAIN_MS 5000
/* Quiet times in which a damaged file may be replaced by a complete copy. */
#define INCOMPLETE_FACTOR 5

static const char *const how_names[] = {[GH_PLACE_ENCODE] = "encode",
                                        [GH_PLACE_MERGED] = "merged",
                                        [GH_PLACE_PASS] = "pass",
                                        [GH_PLACE_SKIP] = "skip"};

void gh_attempt_free(struct gh_attempt *a)
{
    for (size_t i = 0; i < GH_LEN(a->fds); i++)
        gh_close_fd(&a->fds[i]);
    for (size_t i = 0; i < a->n_rows; i++)
        free(a->rows[i].checks);
    free(a->rows);
    free(a->name);
    free(a->probe);
    gh_claim_free(&a->claim);
    free(a);
}

void gh_attempt_plan(struct gh_attempt *a, const struct gh_plan *plan)
{
    size_t n = 0;
    for (uint32_t i = 0; i < plan->n_places; i++)
        n += GH_MAX(plan->places[i].parts, 1u);
    for (size_t i = 0; i < a->n_rows; i++)
        free(a->rows[i].checks);
    free(a->rows);
    a->rows = gh_alloc((n + 1) * sizeof(*a->rows));
    a->n_rows = 0;
    a->planned = false;
    for (uint32_t i = 0; i < plan->n_places; i++) {
        const struct gh_place *place = &plan->places[i];
        bool skip = place->how == GH_PLACE_SKIP;
        for (unsigned part = 1; part <= (skip ? 1 : place->parts); part++) {
            struct gh_row *row = &a->rows[a->n_rows++];
            row->part = part;
            row->parts = skip ? 1 : place->parts;
            row->how = how_names[place->how];
            row->skipped = skip;
            GH_COPY(row->placement, place->profile->name);
            GH_COPY(row->profile, place->profile->digest);
            GH_COPY(row->why, place->why);
            if (skip)
                continue;
            row->encode = place->encode[part - 1];
            const struct gh_recipe *recipe = &plan->encodes[row->encode];
            gh_recipe_hash(a->claim.sha256, recipe, row->recipe);
            gh_stage_path(a->claim.submission, row->placement, a->stem, part, row->parts,
                          recipe->media == GH_PHOTO ? "jpg" : "mp4", row->path, sizeof(row->path));
        }
    }
}

/* -------------------------------------------------------------------------------------- outputs */

static char *checks_json(const struct gh_output *output, const struct gh_profile *profile,
                         const struct gh_recipe *recipe)
{
    struct gh_finding checks[GH_FINDINGS + GH_COMPARISONS];
    size_t n = 0;
    (void)gh_conform(&output->probe, profile, recipe, checks, &n);
    for (size_t i = 0; i < output->n_compared; i++)
        checks[n++] = output->compared[i];
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:s,s:b,s:s}", "limit", checks[i].limit, "pass",
                                              checks[i].pass, "text", checks[i].text));
    char *text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    return text ? text : gh_strdup("[]");
}

static const struct gh_place *place_of(const struct gh_plan *plan, const struct gh_row *row)
{
    for (uint32_t i = 0; i < plan->n_places; i++)
        if (gh_streq(plan->places[i].profile->name, row->placement))
            return &plan->places[i];
    return NULL;
}

static void note_row(struct gh_row *row, const struct gh_plan *plan, const struct gh_output *output)
{
    const struct gh_place *place = place_of(plan, row);
    free(row->checks);
    row->checks = place && output->probe.media
                      ? checks_json(output, place->profile, &plan->encodes[row->encode])
                      : NULL;
    if (output->err.cls || output->fd < 0) {
        row->made = output->err.cls == GH_SKIP ? GH_ROW_SKIPPED : GH_ROW_FAILED;
        GH_COPY(row->note, *output->err.msg ? output->err.msg : "no output was made");
        return;
    }
    struct gh_err broken;
    if (place &&
        gh_output_fits(&output->probe, place->profile, &plan->encodes[row->encode], &broken) < 0) {
        row->made = GH_ROW_FAILED;
        GH_COPY(row->note, broken.msg);
        return;
    }
    row->made = GH_ROW_FILE;
    row->bytes = output->bytes;
    memcpy(row->sha256, output->sha256, sizeof(row->sha256));
    row->has_crc = true;
    row->crc = output->crc;
    row->w = output->probe.w ? output->probe.w : output->result.w;
    row->h = output->probe.h ? output->probe.h : output->result.h;
    row->crop = output->result.crop;
    row->src_w = plan->encodes[row->encode].pic.src_w;
    row->src_h = plan->encodes[row->encode].pic.src_h;
    row->duration_us = output->probe.media == GH_VIDEO ? output->probe.duration_us : 0;
    row->removed = output->result.removed;
    GH_COPY(row->note, output->result.msg);
}

void gh_attempt_output(struct gh_attempt *a, const struct gh_plan *plan, struct gh_output *output)
{
    if (output->err.cls == GH_AGAIN || output->err.cls == GH_SYSTEM) {
        a->again = true;
        a->err = output->err;
    }
    if (output->result.look.known)
        a->look = output->result.look;
    if (output->encode >= GH_JOB_MAX_ENCODES)
        return;
    for (size_t i = 0; i < a->n_rows; i++)
        if (!a->rows[i].skipped && a->rows[i].encode == output->encode)
            note_row(&a->rows[i], plan, output);
    if (output->err.cls || output->fd < 0)
        return;
    gh_close_fd(&a->fds[output->encode]);
    a->fds[output->encode] = gh_steal_fd(&output->fd);
}

bool gh_attempt_reuse(struct gh_attempt *a)
{
    struct gh_rendition *had = gh_alloc((a->n_rows + 1) * sizeof(*had));
    size_t found = 0, want = 0;
    for (size_t i = 0; i < a->n_rows; i++) {
        struct gh_row *row = &a->rows[i];
        struct gh_rendition *r = &had[i];
        if (row->skipped)
            continue;
        want++;
        bool same = gh_ledger_find_recipe(a->p->ledger, row->recipe, row->placement, row->profile,
                                          r, NULL) > 0 &&
                    r->stage && r->submission != a->claim.submission;
        if (!same || faccessat(a->p->dirs->staging, r->stage, R_OK, AT_SYMLINK_NOFOLLOW) < 0)
            break;
        found++;
    }
    bool all = want && found == want;
    for (size_t i = 0; i < a->n_rows; i++) {
        struct gh_row *row = &a->rows[i];
        struct gh_rendition *r = &had[i];
        GH_AUTO_FD fd = -1;
        if (all && !row->skipped && a->fds[row->encode] < 0 &&
            gh_open_beneath(a->p->dirs->staging, r->stage, O_RDONLY, &fd, NULL) == 0)
            a->fds[row->encode] = gh_steal_fd(&fd);
        if (all && !row->skipped) {
            row->made = GH_ROW_FILE;
            row->bytes = r->bytes;
            row->w = r->w;
            row->h = r->h;
            row->crop = r->crop;
            row->src_w = r->src_w;
            row->src_h = r->src_h;
            row->removed = r->removed;
            row->duration_us = r->duration_us;
            memcpy(row->sha256, r->sha256, sizeof(row->sha256));
            GH_COPY(row->note, r->note ? r->note : "");
            row->checks = gh_steal(&r->checks);
        }
        gh_rendition_free(r);
    }
    free(had);
    return all;
}

/* -------------------------------------------------------------------------------------- staging */

size_t gh_attempt_collect(struct gh_attempt *a)
{
    a->n_store = 0;
    for (size_t i = 0; i < a->n_rows && a->n_store < GH_LEN(a->store); i++)
        if (a->rows[i].made == GH_ROW_FILE)
            a->store[a->n_store++] = i;
    return a->n_store;
}

static int store_outputs(struct gh_attempt *a, struct gh_err *err)
{
    char folder[64];
    for (size_t k = 0; k < a->n_store; k++) {
        const struct gh_row *row = &a->rows[a->store[k]];
        TRY(gh_stage_link(a->staging, a->fds[row->encode], row->path, err));
    }
    for (size_t k = 0; k < a->n_store; k++)
        TRY(gh_stage_sync(a->staging, a->rows[a->store[k]].path, err));
    gh_stage_archive_folder(a->claim.submission, a->dropped_ms, folder, sizeof(folder));
    return gh_stage_keep(a->spool, a->claim.sha256, a->archive, folder, a->name, a->name_len,
                         a->claim.file, err);
}

void gh_attempt_store(struct gh_attempt *a)
{
    a->store_err = (struct gh_err){0};
    (void)!store_outputs(a, &a->store_err);
}

/* ------------------------------------------------------------------------------------ reporting */

static int report_plan(struct gh_attempt *a, struct gh_err *err)
{
    struct gh_ledger *l = a->p->ledger;
    if (a->planned || !a->probe)
        return 0;
    TRY(gh_ledger_probed(l, NULL, a->claim.file, a->claim.token, a->media, a->probe, a->found,
                         err));
    if (!a->n_rows)
        return 0;
    GH_AUTO_FREE struct gh_plan_row *rows = gh_alloc(a->n_rows * sizeof(*rows));
    for (size_t i = 0; i < a->n_rows; i++) {
        const struct gh_row *row = &a->rows[i];
        rows[i] = (struct gh_plan_row){.placement = row->placement,
                                       .part = row->part,
                                       .parts = row->parts,
                                       .how = row->how,
                                       .why = row->why,
                                       .skipped = row->skipped,
                                       .profile = row->profile,
                                       .recipe = row->recipe};
    }
    return gh_ledger_plan(l, NULL, a->claim.file, a->claim.token, rows, a->n_rows, err);
}

static int report_row(struct gh_attempt *a, const struct gh_row *row, struct gh_err *err)
{
    struct gh_ledger *l = a->p->ledger;
    if (row->made == GH_ROW_FAILED)
        return gh_ledger_failed(l, NULL, a->claim.file, a->claim.token, row->placement, row->part,
                                row->note, row->checks, err);
    if (row->made == GH_ROW_SKIPPED)
        return gh_ledger_skipped(l, NULL, a->claim.file, a->claim.token, row->placement, row->part,
                                 row->note, err);
    struct gh_staged out = {.placement = row->placement,
                            .part = row->part,
                            .sha256 = row->sha256,
                            .has_crc = row->has_crc,
                            .crc = row->crc,
                            .bytes = row->bytes,
                            .w = row->w,
                            .h = row->h,
                            .crop = row->crop,
                            .src_w = row->src_w,
                            .src_h = row->src_h,
                            .duration_us = row->duration_us,
                            .removed = row->removed,
                            .checks_json = row->checks ? row->checks : "[]",
                            .stage = row->path,
                            .note = *row->note ? row->note : NULL};
    return gh_ledger_staged(l, NULL, a->claim.file, a->claim.token, &out, err);
}

enum gh_attempt_end gh_attempt_end_of(enum gh_job_end end, enum gh_class cls, bool again,
                                      bool first)
{
    static const enum gh_attempt_end counted_as[] = {
        [GH_END_DONE] = GH_ATTEMPT_DONE,
        [GH_END_INPUT] = GH_ATTEMPT_REFUSED,
        [GH_END_CRASHED] = GH_ATTEMPT_CRASHED,
        [GH_END_OURS] = GH_ATTEMPT_INTERRUPTED,
        [GH_END_CANCELLED] = GH_ATTEMPT_INTERRUPTED,
    };
    if (again)
        return GH_ATTEMPT_AGAIN;
    /* A file that its client has not finished looks like a damaged one: once, it is given time. */
    return end == GH_END_INPUT && cls == GH_INPUT && first ? GH_ATTEMPT_INCOMPLETE
                                                           : counted_as[end];
}

static int report_end(struct gh_attempt *a, bool *ret_bad, struct gh_err *err)
{
    bool first = a->claim.attempt == 1;
    enum gh_attempt_end how = gh_attempt_end_of(a->end, a->err.cls, a->again, first);
    int64_t later = how == GH_ATTEMPT_AGAIN || a->end == GH_END_OURS ? gh_now_ms() + AGAIN_MS : 0;
    if (how == GH_ATTEMPT_INCOMPLETE) {
        int64_t grace = INCOMPLETE_FACTOR * gh_quiet_ms(a->p->quiet, a->claim.department);
        later = gh_now_ms() + GH_MIN(grace, GH_LEDGER_WAIT_MAX_MS / 2);
    }
    return gh_ledger_attempt_end(a->p->ledger, NULL, a->claim.file, a->claim.token, how,
                                 *a->err.msg ? a->err.msg : NULL, later, ret_bad, err);
}

static int report_changes(struct gh_attempt *a, bool *ret_bad, struct gh_err *err)
{
    TRY(report_plan(a, err));
    for (size_t i = 0; i < a->n_rows; i++) {
        struct gh_row *row = &a->rows[i];
        bool failed_for_good =
            (row->made == GH_ROW_FAILED && !a->again) || row->made == GH_ROW_SKIPPED;
        if (!row->told && (failed_for_good || row->made == GH_ROW_STAGED))
            TRY(report_row(a, row, err));
    }
    if (!a->ended)
        return 0;
    if (a->media == GH_PHOTO && a->end == GH_END_DONE && !a->again)
        TRY(gh_ledger_looked(a->p->ledger, NULL, a->claim.file, a->claim.token,
                             a->look.known ? &a->look : NULL, err));
    TRY(gh_forecast_keep(a->p->forecast, err));
    return report_end(a, ret_bad, err);
}

int gh_attempt_report(struct gh_attempt *a, bool *ret_bad, struct gh_err *err)
{
    struct gh_ledger *l = a->p->ledger;
    TRY(gh_ledger_begin(l, err));
    TRY(gh_ledger_end(l, report_changes(a, ret_bad, err), err));
    a->planned |= a->probe && a->n_rows;
    for (size_t i = 0; i < a->n_rows; i++) {
        struct gh_row *row = &a->rows[i];
        row->told |= row->made == GH_ROW_STAGED || row->made == GH_ROW_SKIPPED ||
                     (row->made == GH_ROW_FAILED && !a->again);
    }
    return 0;
}

char *gh_attempt_probe_json(const struct gh_probe *p)
{
    json_t *meta = json_array();
    for (unsigned b = 0; b < GH_META_BITS; b++)
        if (p->meta & 1u << b)
            json_array_append_new(meta, json_string(gh_meta_name(b)));
    json_t *o = json_pack("{s:s,s:s,s:I,s:i,s:i,s:i,s:s,s:o}", "media",
                          p->media == GH_VIDEO ? "video" : "photo", "format", p->format, "bytes",
                          (json_int_t)p->bytes, "w", p->w, "h", p->h, "orient", p->orient, "colour",
                          gh_colour_name((enum gh_colour)p->colour), "meta", meta);
    if (*p->text)
        json_object_set_new(o, "text", json_string(p->text));
    if (p->media == GH_VIDEO) {
        json_object_set_new(o, "codec", json_string(p->vcodec));
        json_object_set_new(o, "duration_us", json_integer(p->duration_us));
        json_object_set_new(o, "fps", json_real(p->fps.den ? (double)p->fps.num / p->fps.den : 0));
        json_object_set_new(o, "audio", json_string(p->n_audio ? p->acodec : ""));
    } else {
        json_object_set_new(o, "pages", json_integer(p->pages));
        json_object_set_new(o, "taken", json_string(p->taken));
    }
    char *text = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    return text ? text : gh_strdup("{}");
}
