/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files built into the program, and the page that serves them. Templates stand in the order in
 * which they may name each other: parts first. */
#include "desk/assets.h"

#include "desk/route.h"

#include "base/hash.h"

#include <string.h>
#include <zlib.h>

#define FILES_MAX 16
#define SHORT_HASH 16 /* hex digits of it in an address */

static struct file {
    const struct gh_embedded *from;
    const char *type;
    char hash[SHORT_HASH + 1], etag[SHORT_HASH + 3];
    unsigned char *zipped;
    size_t n_zipped;
} files[FILES_MAX];
static size_t n_files;

static const char *type_of(const char *name)
{
    static const struct {
        const char *end, *type;
    } types[] = {{".css", "text/css; charset=utf-8"},
                 {".js", "text/javascript; charset=utf-8"},
                 {".svg", "image/svg+xml"},
                 {".png", "image/png"}};
    for (size_t i = 0; i < GH_LEN(types); i++)
        if (gh_ends(name, types[i].end))
            return types[i].type;
    return NULL;
}

static int zip_file(struct file *f, struct gh_err *err)
{
    z_stream z = {0};
    if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return gh_fail(err, GH_SYSTEM, "zlib does not start");
    size_t room = deflateBound(&z, f->from->n);
    f->zipped = gh_alloc(room);
    z.next_in = (unsigned char *)(uintptr_t)f->from->bytes;
    z.avail_in = (unsigned)f->from->n;
    z.next_out = f->zipped;
    z.avail_out = (unsigned)room;
    deflate(&z, Z_FINISH);
    f->n_zipped = z.total_out;
    deflateEnd(&z);
    return 0;
}

static int add_file(struct gh_desk *desk, const struct gh_embedded *from, struct gh_err *err)
{
    char hex[GH_SHA_HEX], key[64];
    struct file *f = &files[n_files];
    const char *type = type_of(from->name);
    if (n_files == FILES_MAX || !type)
        return gh_fail(err, GH_CONFIG, "%s cannot be served", from->name);
    *f = (struct file){.from = from, .type = type};
    gh_hash_mem(from->bytes, from->n, hex);
    GH_FORMAT(f->hash, "%.*s", SHORT_HASH, hex);
    GH_FORMAT(f->etag, "\"%s\"", f->hash);
    TRY(zip_file(f, err));
    n_files++;
    GH_FORMAT(key, "%.*s", (int)strcspn(from->name, "."), from->name);
    const char *dot = strrchr(from->name, '.');
    GH_AUTO_FREE char *name = gh_asprintf("%s_%s", key, dot + 1);
    GH_AUTO_FREE char *address = gh_asprintf("/s/%s/%s", f->hash, from->name);
    json_object_set_new(desk->assets, name, json_string(address));
    return 0;
}

int gh_assets_load(struct gh_desk *desk, struct gh_err *err)
{
    desk->templates = gh_templates_new();
    desk->assets = json_object();
    for (const struct gh_embedded *e = gh_embedded_pages; e->name; e++)
        TRY(gh_templates_add(desk->templates, e->name, e->bytes, e->n, err));
    for (const struct gh_embedded *e = gh_embedded_static; e->name; e++)
        TRY(add_file(desk, e, err));
    return 0;
}

void gh_assets_free(struct gh_desk *desk)
{
    gh_templates_free(&desk->templates);
    json_decref(desk->assets);
    while (n_files)
        free(files[--n_files].zipped);
}

int gh_page_static(struct gh_req *q, struct gh_err *err)
{
    (void)err;
    for (size_t i = 0; i < n_files; i++) {
        const struct file *f = &files[i];
        if (!gh_streq(f->hash, q->arg[0]) || !gh_streq(f->from->name, q->arg[1]))
            continue;
        const char *accept = gh_header(q, "Accept-Encoding");
        q->reply.status = 200;
        q->reply.type = f->type;
        q->reply.etag = gh_strdup(f->etag);
        q->reply.zipped = accept && strstr(accept, "gzip") && !strstr(accept, "gzip;q=0");
        q->reply.fixed = q->reply.zipped ? (const void *)f->zipped : f->from->bytes;
        q->reply.n_fixed = q->reply.zipped ? f->n_zipped : f->from->n;
        return 0;
    }
    gh_page_error(q, 404);
    return 0;
}
