/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bounded reader of HEIF item boxes. Every count is capped, every offset checked against the
 * file; nothing is allocated but the item table. Class: GH_SKIP, for whatever is not simple enough
 * for the fast path; never GH_INPUT, since libvips decides what is damaged.
 */
#include "pipeline/photo/heif_box.h"

#include "base/str.h"

#include <stdbool.h>
#include <string.h>

#define MAX_ITEMS 2048
#define MAX_PROPS 1024
#define MAX_ASSOC 16   /* properties of one item */
#define MAX_EDGE 65535 /* pixels */
#define UNSPECIFIED 2  /* of H.273 */

struct item {
    uint32_t id, type;
    uint8_t method; /* 0: file offset, 1: idat */
    uint64_t offset, length;
    bool located;
    bool unknown; /* protected, or with an essential property that is not read here */
    uint16_t props[MAX_ASSOC];
    unsigned n_props;
};

struct prop {
    uint32_t type;
    struct gh_span body;
};

struct parser {
    const uint8_t *file;
    size_t size;
    struct item *items;
    size_t n_items;
    struct prop props[MAX_PROPS];
    size_t n_props;
    struct gh_span idat, iref;
    uint32_t iref_version, primary;
};

static void parser_free(struct parser **p)
{
    if (*p)
        free((*p)->items);
    free(*p);
    *p = NULL;
}

#define FOURCC(a, b, c, d)                                                                         \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* A cursor over bytes: reading past their end makes it bad and gives 0. */
struct cur {
    const uint8_t *at;
    size_t left;
    bool bad;
};

static struct cur cursor(struct gh_span s)
{
    return (struct cur){s.at, s.len, false};
}

static uint64_t get_number(struct cur *c, size_t bytes)
{
    if (c->left < bytes) {
        c->bad = true;
        c->left = 0;
        return 0;
    }
    uint64_t v = 0;
    for (size_t i = 0; i < bytes; i++)
        v = v << 8 | c->at[i];
    c->at += bytes;
    c->left -= bytes;
    return v;
}

/* The next box of a container: its type and body. */
static bool next_box(struct cur *c, uint32_t *ret_type, struct gh_span *ret_body)
{
    if (c->left < 8)
        return false;
    const uint8_t *start = c->at;
    size_t left = c->left;
    uint64_t size = get_number(c, 4);
    *ret_type = (uint32_t)get_number(c, 4);
    size_t head = 8;
    if (size == 1) {
        size = get_number(c, 8);
        head = 16;
    } else if (size == 0) {
        size = left;
    }
    if (c->bad || size < head || size > left) {
        c->bad = true;
        return false;
    }
    *ret_body = (struct gh_span){start + head, (size_t)size - head};
    c->at = start + size;
    c->left = left - (size_t)size;
    return true;
}

static int unusual(struct gh_err *err, const char *what)
{
    return gh_fail(err, GH_SKIP, "%s: not for the fast path", what);
}

static struct item *find_item(struct parser *p, uint32_t id)
{
    for (size_t i = 0; i < p->n_items; i++)
        if (p->items[i].id == id)
            return &p->items[i];
    return NULL;
}

static int parse_iinf(struct parser *p, struct gh_span body, struct gh_err *err)
{
    struct cur c = cursor(body);
    uint32_t version = (uint32_t)get_number(&c, 4) >> 24;
    uint64_t count = get_number(&c, version ? 4 : 2);
    if (c.bad || count > MAX_ITEMS)
        return unusual(err, "too many items");
    p->items = gh_alloc(sizeof(*p->items) * (count + 1));
    uint32_t type;
    struct gh_span box;
    while (p->n_items < count && next_box(&c, &type, &box)) {
        if (type != FOURCC('i', 'n', 'f', 'e'))
            continue;
        struct cur e = cursor(box);
        uint32_t v = (uint32_t)get_number(&e, 4) >> 24;
        if (v < 2)
            continue;
        struct item *item = &p->items[p->n_items];
        item->id = (uint32_t)get_number(&e, v == 2 ? 2 : 4);
        item->unknown = get_number(&e, 2) != 0; /* the scheme that protects it */
        item->type = (uint32_t)get_number(&e, 4);
        if (!e.bad)
            p->n_items++;
    }
    return c.bad ? unusual(err, "item table") : 0;
}

static int parse_iloc(struct parser *p, struct gh_span body, struct gh_err *err)
{
    struct cur c = cursor(body);
    uint32_t version = (uint32_t)get_number(&c, 4) >> 24;
    uint32_t sizes = (uint32_t)get_number(&c, 2);
    size_t offset_size = sizes >> 12, length_size = sizes >> 8 & 15, base_size = sizes >> 4 & 15;
    size_t index_size = version ? sizes & 15 : 0;
    if (version > 2 || offset_size > 8 || length_size > 8 || base_size > 8 || index_size > 8)
        return unusual(err, "item locations");
    uint64_t count = get_number(&c, version < 2 ? 2 : 4);
    for (uint64_t i = 0; i < count && !c.bad; i++) {
        uint32_t id = (uint32_t)get_number(&c, version < 2 ? 2 : 4);
        uint32_t method = version ? (uint32_t)get_number(&c, 2) & 15 : 0;
        bool elsewhere = get_number(&c, 2) != 0; /* data reference: another file */
        uint64_t base = get_number(&c, base_size);
        uint64_t extents = get_number(&c, 2);
        uint64_t offset = 0, length = 0;
        for (uint64_t e = 0; e < extents && !c.bad; e++) {
            get_number(&c, index_size);
            offset = get_number(&c, offset_size);
            length = get_number(&c, length_size);
        }
        struct item *item = find_item(p, id);
        if (!item || extents != 1 || method > 1 || elsewhere)
            continue; /* no error here: only a tile that is not located is one */
        item->method = (uint8_t)method;
        item->offset = base + offset;
        item->length = length;
        item->located = true;
    }
    return c.bad ? unusual(err, "item locations") : 0;
}

/* What the fast path draws, or may leave out: clli and the like only describe the picture. */
static bool property_is_known(uint32_t type)
{
    static const uint32_t known[] = {
        FOURCC('h', 'v', 'c', 'C'), FOURCC('i', 's', 'p', 'e'), FOURCC('c', 'o', 'l', 'r'),
        FOURCC('i', 'r', 'o', 't'), FOURCC('i', 'm', 'i', 'r'), FOURCC('p', 'i', 'x', 'i'),
        FOURCC('p', 'a', 's', 'p'), FOURCC('c', 'l', 'l', 'i'), FOURCC('m', 'd', 'c', 'v'),
    };
    for (size_t i = 0; i < GH_LEN(known); i++)
        if (known[i] == type)
            return true;
    return false;
}

static int parse_ipma(struct parser *p, struct gh_span body, struct gh_err *err)
{
    struct cur c = cursor(body);
    uint32_t head = (uint32_t)get_number(&c, 4);
    uint32_t version = head >> 24;
    bool wide = head & 1;
    uint64_t count = get_number(&c, 4);
    for (uint64_t i = 0; i < count && !c.bad; i++) {
        struct item *item = find_item(p, (uint32_t)get_number(&c, version < 1 ? 2 : 4));
        uint64_t n = get_number(&c, 1);
        for (uint64_t k = 0; k < n && !c.bad; k++) {
            uint32_t v = (uint32_t)get_number(&c, wide ? 2 : 1), essential = wide ? 0x8000 : 0x80;
            uint32_t index = v & (essential - 1);
            if (!item || index == 0)
                continue;
            item->unknown |= (v & essential) &&
                             (index > p->n_props || !property_is_known(p->props[index - 1].type));
            if (index > p->n_props)
                continue;
            if (item->n_props == MAX_ASSOC)
                return unusual(err, "many properties");
            item->props[item->n_props++] = (uint16_t)(index - 1);
        }
    }
    return c.bad ? unusual(err, "property associations") : 0;
}

static int parse_iprp(struct parser *p, struct gh_span body, struct gh_err *err)
{
    struct cur c = cursor(body);
    uint32_t type;
    struct gh_span box;
    while (next_box(&c, &type, &box)) {
        if (type == FOURCC('i', 'p', 'm', 'a')) {
            TRY(parse_ipma(p, box, err));
        } else if (type == FOURCC('i', 'p', 'c', 'o')) {
            struct cur props = cursor(box);
            struct gh_span prop;
            while (next_box(&props, &type, &prop)) {
                if (p->n_props == MAX_PROPS)
                    return unusual(err, "many properties");
                p->props[p->n_props++] = (struct prop){type, prop};
            }
        }
    }
    return c.bad ? unusual(err, "properties") : 0;
}

/* The boxes of meta, in the order in which they must be read, whatever order the file has. */
static int parse_meta(struct parser *p, struct gh_span meta, struct gh_err *err)
{
    enum { IINF, ILOC, IPRP, PITM, N };
    struct gh_span found[N] = {{0}};
    struct cur c = cursor(meta);
    get_number(&c, 4);
    uint32_t type;
    struct gh_span box;
    while (next_box(&c, &type, &box)) {
        switch (type) {
        case FOURCC('i', 'i', 'n', 'f'):
            found[IINF] = box;
            break;
        case FOURCC('i', 'l', 'o', 'c'):
            found[ILOC] = box;
            break;
        case FOURCC('i', 'p', 'r', 'p'):
            found[IPRP] = box;
            break;
        case FOURCC('p', 'i', 't', 'm'):
            found[PITM] = box;
            break;
        case FOURCC('i', 'd', 'a', 't'):
            p->idat = box;
            break;
        case FOURCC('i', 'r', 'e', 'f'):
            p->iref = box;
            break;
        }
    }
    for (int i = 0; i < N; i++)
        if (!found[i].at)
            return unusual(err, "a box is missing");
    TRY(parse_iinf(p, found[IINF], err));
    TRY(parse_iloc(p, found[ILOC], err));
    TRY(parse_iprp(p, found[IPRP], err));
    struct cur pitm = cursor(found[PITM]);
    uint32_t version = (uint32_t)get_number(&pitm, 4) >> 24;
    p->primary = (uint32_t)get_number(&pitm, version ? 4 : 2);
    if (p->iref.at) {
        struct cur r = cursor(p->iref);
        p->iref_version = (uint32_t)get_number(&r, 4) >> 24;
        p->iref = (struct gh_span){r.at, r.left};
    }
    return pitm.bad ? unusual(err, "primary item") : 0;
}

static bool item_data(const struct parser *p, const struct item *item, struct gh_span *ret)
{
    struct gh_span whole = item->method ? p->idat : (struct gh_span){p->file, p->size};
    if (!item->located || item->length == 0 || item->offset > whole.len ||
        item->length > whole.len - item->offset)
        return false;
    *ret = (struct gh_span){whole.at + item->offset, (size_t)item->length};
    return true;
}

static const struct prop *find_prop(const struct parser *p, const struct item *item, uint32_t type)
{
    for (unsigned i = 0; i < item->n_props; i++)
        if (p->props[item->props[i]].type == type)
            return &p->props[item->props[i]];
    return NULL;
}

static bool item_size(const struct parser *p, const struct item *item, uint32_t *ret_w,
                      uint32_t *ret_h)
{
    const struct prop *ispe = find_prop(p, item, FOURCC('i', 's', 'p', 'e'));
    if (!ispe || ispe->body.len < 12)
        return false;
    struct cur c = cursor(ispe->body);
    get_number(&c, 4);
    *ret_w = (uint32_t)get_number(&c, 4);
    *ret_h = (uint32_t)get_number(&c, 4);
    return *ret_w && *ret_h && *ret_w <= MAX_EDGE && *ret_h <= MAX_EDGE;
}

static void read_nclx(struct cur *c, struct gh_heif_colour *colour)
{
    colour->cicp.primaries = (uint32_t)get_number(c, 2);
    colour->cicp.transfer = (uint32_t)get_number(c, 2);
    colour->matrix = (uint32_t)get_number(c, 2);
    colour->limited = !(get_number(c, 1) & 0x80);
    colour->said = true;
}

/* The boxes that tell of light: ISO/IEC 23008-12 (clli, mdcv). */
static void read_light(const struct prop *prop, struct gh_cicp *cicp)
{
    enum { MDCV_COORDINATES = 16 };
    struct cur c = cursor(prop->body);
    if (prop->type == FOURCC('c', 'l', 'l', 'i') && !(cicp->max_cll > 0))
        cicp->max_cll = (double)get_number(&c, 2);
    if (prop->type == FOURCC('m', 'd', 'c', 'v') && c.left > MDCV_COORDINATES) {
        c.at += MDCV_COORDINATES;
        c.left -= MDCV_COORDINATES;
        cicp->mastered = (double)get_number(&c, 4) * 0.0001;
    }
}

/* An ICC profile counts more than nclx; grid and tile may each have either. */
static void item_colour(const struct parser *p, const struct item *item,
                        struct gh_heif_colour *colour)
{
    for (unsigned i = 0; i < item->n_props; i++) {
        const struct prop *prop = &p->props[item->props[i]];
        read_light(prop, &colour->cicp);
        if (prop->type != FOURCC('c', 'o', 'l', 'r'))
            continue;
        struct cur c = cursor(prop->body);
        uint32_t kind = (uint32_t)get_number(&c, 4);
        if ((kind == FOURCC('p', 'r', 'o', 'f') || kind == FOURCC('r', 'I', 'C', 'C')) &&
            !colour->icc.at)
            colour->icc = (struct gh_span){c.at, c.left};
        else if (kind == FOURCC('n', 'c', 'l', 'x') && !colour->said)
            read_nclx(&c, colour);
    }
}

/*
 * The orientation as a matrix [a b; c d] from stored (x, y) to shown, both axes centred: irot turns
 * anti-clockwise by 90° × angle, imir exchanges top and bottom (0) or left and right (1); they
 * apply in the order of their association.
 */
static uint32_t item_orient(const struct parser *p, const struct item *item)
{
    int m[4] = {1, 0, 0, 1};
    for (unsigned i = 0; i < item->n_props; i++) {
        const struct prop *prop = &p->props[item->props[i]];
        if (prop->body.len < 1)
            continue;
        int turn[4] = {0, 1, -1, 0}; /* 90° anti-clockwise, y down: x' = y, y' = -x */
        int mirror[4] = {prop->body.at[0] & 1 ? -1 : 1, 0, 0, prop->body.at[0] & 1 ? 1 : -1};
        unsigned times = prop->type == FOURCC('i', 'r', 'o', 't') ? prop->body.at[0] & 3 : 0;
        const int *op = turn;
        if (prop->type == FOURCC('i', 'm', 'i', 'r')) {
            op = mirror;
            times = 1;
        }
        for (; times; times--) {
            int r[4] = {op[0] * m[0] + op[1] * m[2], op[0] * m[1] + op[1] * m[3],
                        op[2] * m[0] + op[3] * m[2], op[2] * m[1] + op[3] * m[3]};
            memcpy(m, r, sizeof(m));
        }
    }
    static const struct {
        int m[4];
        uint32_t orient;
    } table[] = {
        {{1, 0, 0, 1}, 1}, {{-1, 0, 0, 1}, 2}, {{-1, 0, 0, -1}, 3}, {{1, 0, 0, -1}, 4},
        {{0, 1, 1, 0}, 5}, {{0, -1, 1, 0}, 6}, {{0, -1, -1, 0}, 7}, {{0, 1, -1, 0}, 8},
    };
    for (size_t i = 0; i < GH_LEN(table); i++)
        if (memcmp(table[i].m, m, sizeof(m)) == 0)
            return table[i].orient;
    return 1;
}

/* Kinds of auxiliary pictures that change nothing of how the picture they belong to is drawn:
 * depth, and what phones keep for their own editors (mattes, gain maps). Alpha is not among them.
 */
static bool aux_may_be_left_out(const struct prop *auxc)
{
    static const char *const harmless[] = {"urn:mpeg:hevc:2015:auxid:2",
                                           "urn:mpeg:mpegB:cicp:systems:auxiliary:depth",
                                           "urn:com:apple:photo:"};
    for (size_t i = 0; auxc && auxc->body.len > 4 && i < GH_LEN(harmless); i++) {
        size_t n = strlen(harmless[i]), left = auxc->body.len - 4; /* after version and flags */
        bool whole = harmless[i][n - 1] != ':';
        if (left >= n + whole && !memcmp(auxc->body.at + 4, harmless[i], n) &&
            (!whole || !auxc->body.at[4 + n]))
            return true;
    }
    return false;
}

/* Every auxiliary picture of the file, whichever item it belongs to, must be one that may be left
 * out: for a grid it may be tied to the grid or to its tiles. */
static int check_auxiliaries(struct parser *p, struct gh_err *err)
{
    struct cur refs = cursor(p->iref);
    size_t id_size = p->iref_version ? 4 : 2;
    uint32_t type;
    struct gh_span box;
    while (next_box(&refs, &type, &box)) {
        struct cur r = cursor(box);
        const struct item *aux = find_item(p, (uint32_t)get_number(&r, id_size));
        if (type == FOURCC('p', 'r', 'e', 'm'))
            return unusual(err, "colours that are multiplied by alpha");
        if (type == FOURCC('a', 'u', 'x', 'l') &&
            (!aux || !aux_may_be_left_out(find_prop(p, aux, FOURCC('a', 'u', 'x', 'C')))))
            return unusual(err, "an auxiliary picture");
    }
    return refs.bad ? unusual(err, "item references") : 0;
}

static bool eight_bit_420(struct gh_span hvcc)
{
    /* HEVCDecoderConfigurationRecord: byte 16 chroma_format_idc, 17 and 18 bit depths minus 8 */
    return hvcc.len > 22 && (hvcc.at[16] & 3) == 1 && (hvcc.at[17] & 7) == 0 &&
           (hvcc.at[18] & 7) == 0;
}

static int add_tile(const struct parser *p, const struct item *tile, struct gh_heif *heif,
                    struct gh_err *err)
{
    const struct prop *hvcc = find_prop(p, tile, FOURCC('h', 'v', 'c', 'C'));
    uint32_t w, h;
    if (tile->unknown || tile->type != FOURCC('h', 'v', 'c', '1') || !hvcc ||
        !item_size(p, tile, &w, &h) || !eight_bit_420(hvcc->body))
        return unusual(err, "a tile that is not 8-bit 4:2:0 HEVC");
    if (heif->n_tiles == 0) {
        heif->hvcc = hvcc->body;
        heif->tile_w = w;
        heif->tile_h = h;
    } else if (w != heif->tile_w || h != heif->tile_h || hvcc->body.len != heif->hvcc.len ||
               memcmp(hvcc->body.at, heif->hvcc.at, heif->hvcc.len) != 0) {
        return unusual(err, "tiles that differ");
    }
    if (!item_data(p, tile, &heif->tiles[heif->n_tiles]))
        return unusual(err, "a tile without data");
    heif->n_tiles++;
    item_colour(p, tile, &heif->colour);
    return 0;
}

static int parse_grid(struct parser *p, const struct item *grid, struct gh_heif *heif,
                      struct gh_err *err)
{
    struct gh_span data;
    if (!item_data(p, grid, &data))
        return unusual(err, "a grid without data");
    struct cur c = cursor(data);
    get_number(&c, 1);
    size_t field = get_number(&c, 1) & 1 ? 4 : 2;
    heif->rows = (uint32_t)get_number(&c, 1) + 1;
    heif->cols = (uint32_t)get_number(&c, 1) + 1;
    heif->w = (uint32_t)get_number(&c, field);
    heif->h = (uint32_t)get_number(&c, field);
    if (c.bad || !heif->w || !heif->h || heif->rows * heif->cols > GH_HEIF_MAX_TILES)
        return unusual(err, "grid size");
    struct cur refs = cursor(p->iref);
    size_t id_size = p->iref_version ? 4 : 2;
    uint32_t type;
    struct gh_span box;
    while (next_box(&refs, &type, &box)) {
        struct cur r = cursor(box);
        if (type != FOURCC('d', 'i', 'm', 'g') || get_number(&r, id_size) != grid->id)
            continue;
        uint64_t n = get_number(&r, 2);
        if (n != heif->rows * heif->cols || heif->n_tiles)
            return unusual(err, "grid references");
        for (uint64_t i = 0; i < n; i++) {
            struct item *tile = find_item(p, (uint32_t)get_number(&r, id_size));
            if (r.bad || !tile)
                return unusual(err, "grid references");
            TRY(add_tile(p, tile, heif, err));
        }
    }
    uint64_t covered_w = (uint64_t)heif->cols * heif->tile_w,
             covered_h = (uint64_t)heif->rows * heif->tile_h;
    bool covers = covered_w >= heif->w && covered_h >= heif->h &&
                  covered_w - heif->w < heif->tile_w && covered_h - heif->h < heif->tile_h;
    if (heif->n_tiles != heif->rows * heif->cols || !covers)
        return unusual(err, "a grid with gaps");
    /* a tile boundary on an odd pixel would split a chroma sample */
    if ((heif->cols > 1 && heif->tile_w % 2) || (heif->rows > 1 && heif->tile_h % 2))
        return unusual(err, "odd tiles");
    return 0;
}

static int open_items(const uint8_t *bytes, size_t n, struct parser *p, struct gh_err *err)
{
    p->file = bytes;
    p->size = n;
    struct cur c = cursor((struct gh_span){bytes, n});
    uint32_t type;
    struct gh_span box, meta = {0};
    while (!meta.at && next_box(&c, &type, &box))
        if (type == FOURCC('m', 'e', 't', 'a'))
            meta = box;
    return meta.at ? parse_meta(p, meta, err) : unusual(err, "no item box");
}

/* What the fast path can convert: planes of BT.601 in full range, with primaries that are known and
 * a transfer that is about that of sRGB. */
static bool colour_is_known(const struct gh_heif_colour *c)
{
    enum { BT470BG = 5, SMPTE170M = 6 };
    enum gh_colour colour = gh_cicp_colour(&c->cicp);
    bool bt601 = c->matrix == UNSPECIFIED || c->matrix == BT470BG || c->matrix == SMPTE170M;
    return !c->said || (bt601 && !c->limited &&
                        (c->icc.at || (colour != GH_COLOUR_PQ && colour != GH_COLOUR_HLG)));
}

int gh_heif_parse(const uint8_t *bytes, size_t n, struct gh_heif *ret, struct gh_err *err)
{
    GH_AUTO(parser_free) struct parser *p = gh_alloc(sizeof(*p));
    GH_AUTO_FREE struct gh_heif *heif = gh_alloc(sizeof(*heif));
    TRY(open_items(bytes, n, p, err));
    const struct item *primary = find_item(p, p->primary);
    if (!primary || primary->unknown || find_prop(p, primary, FOURCC('c', 'l', 'a', 'p')))
        return unusual(err, "primary item");
    TRY(check_auxiliaries(p, err));
    item_colour(p, primary, &heif->colour);
    if (primary->type == FOURCC('g', 'r', 'i', 'd')) {
        TRY(parse_grid(p, primary, heif, err));
    } else {
        TRY(add_tile(p, primary, heif, err));
        heif->cols = heif->rows = 1;
        heif->w = heif->tile_w;
        heif->h = heif->tile_h;
    }
    if (!colour_is_known(&heif->colour))
        return unusual(err, "colours");
    heif->orient = item_orient(p, primary);
    *ret = *heif;
    return 0;
}

/* Where the primary item says nothing, the first item it is derived from may. */
static void derived_colour(struct parser *p, uint32_t id, struct gh_heif_colour *colour)
{
    struct cur refs = cursor(p->iref);
    size_t id_size = p->iref_version ? 4 : 2;
    uint32_t type;
    struct gh_span box;
    while (next_box(&refs, &type, &box)) {
        struct cur r = cursor(box);
        if (type != FOURCC('d', 'i', 'm', 'g') || get_number(&r, id_size) != id ||
            !get_number(&r, 2))
            continue;
        const struct item *from = find_item(p, (uint32_t)get_number(&r, id_size));
        if (from && !r.bad)
            item_colour(p, from, colour);
        return;
    }
}

void gh_heif_cicp(const uint8_t *bytes, size_t n, struct gh_cicp *ret)
{
    GH_AUTO(parser_free) struct parser *p = gh_alloc(sizeof(*p));
    struct gh_heif_colour colour = {0};
    struct gh_err unread;
    *ret = (struct gh_cicp){0};
    if (open_items(bytes, n, p, &unread) < 0)
        return;
    const struct item *primary = find_item(p, p->primary);
    if (!primary)
        return;
    item_colour(p, primary, &colour);
    if (!colour.said && !colour.icc.at)
        derived_colour(p, primary->id, &colour);
    if (colour.said && !colour.icc.at)
        *ret = colour.cicp;
}
