/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The HEIF box reader on files built here, box by box, and on every truncation of them. */
#include "tests/unit/test.h"

#include "pipeline/photo/heif_box.h"
#include "pipeline/photo/heif_tiles.h"

#include <string.h>

/* -- building boxes -- */
static void u(struct gh_str *s, uint64_t v, unsigned bytes)
{
    for (unsigned i = bytes; i--;) {
        char c = (char)(v >> (8 * i));
        gh_str_add(s, &c, 1);
    }
}

static void box(struct gh_str *out, const char *type, struct gh_str *body)
{
    u(out, 8 + body->len, 4);
    gh_str_add(out, type, 4);
    gh_str_add(out, gh_str_text(body), body->len);
    gh_str_free(body);
}

struct recipe {
    uint32_t cols, rows, w, h, tile;
    int irot, imir; /* -1: absent */
    unsigned depth; /* of hvcC */
    bool clap;
    uint32_t missing; /* tiles left out of the references */
    const char *aux;  /* the kind of an auxiliary picture of the grid; NULL: there is none */
    bool essential;   /* the grid has a property that must be understood, and is not */
    unsigned protect; /* scheme of the grid */
    const char *nclx; /* seven bytes instead of the profile */
};

#define ALPHA "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"
#define DEPTH "urn:mpeg:hevc:2015:auxid:2"
#define MATTE "urn:com:apple:photo:2018:aux:portraiteffectsmatte"

/* Item 1 is the grid, 2… its tiles; tile data are single bytes in idat. */
static void build(const struct recipe *r, struct gh_str *file)
{
    uint32_t tiles = r->cols * r->rows;
    struct gh_str meta = {0}, b = {0}, inner = {0};
    u(&b, 0, 4);
    u(&b, 1, 2);
    u(&meta, 0, 4);
    box(&meta, "pitm", &b);
    u(&b, 0, 4);
    uint32_t items = tiles + 1 + (r->aux != NULL);
    u(&b, items, 2);
    for (uint32_t i = 0; i < items; i++) {
        u(&inner, 2u << 24, 4);
        u(&inner, i + 1, 2);
        u(&inner, i ? 0 : r->protect, 2);
        gh_str_add(&inner, i ? "hvc1" : "grid", 4);
        box(&b, "infe", &inner);
    }
    box(&meta, "iinf", &b);
    u(&b, 1u << 24, 4); /* iloc 1: offset and length 4 bytes, no base, no index */
    u(&b, 0x4400, 2);
    u(&b, tiles + 1, 2);
    for (uint32_t i = 0; i <= tiles; i++) {
        u(&b, i + 1, 2);
        u(&b, 1, 2); /* idat */
        u(&b, 0, 2);
        u(&b, 1, 2);
        u(&b, i ? 8 + i - 1 : 0, 4);
        u(&b, i ? 1 : 8, 4);
    }
    box(&meta, "iloc", &b);
    struct gh_str ipco = {0};
    u(&inner, 0, 4), u(&inner, r->w, 4), u(&inner, r->h, 4);
    box(&ipco, "ispe", &inner); /* 1 */
    u(&inner, 0, 4), u(&inner, r->tile, 4), u(&inner, r->tile, 4);
    box(&ipco, "ispe", &inner); /* 2 */
    for (int i = 0; i < 23; i++)
        u(&inner, i == 16 ? 0xfd : i == 17 || i == 18 ? 0xf8 | (r->depth - 8) : 0, 1);
    box(&ipco, "hvcC", &inner); /* 3 */
    u(&inner, (uint32_t)GH_MAX(r->irot, 0), 1);
    box(&ipco, "irot", &inner); /* 4 */
    u(&inner, (uint32_t)GH_MAX(r->imir, 0), 1);
    box(&ipco, "imir", &inner); /* 5 */
    gh_str_add(&inner, r->nclx ? "nclx" : "prof", 4);
    gh_str_add(&inner, r->nclx ? r->nclx : "ICC!", r->nclx ? 7 : 4);
    box(&ipco, "colr", &inner); /* 6 */
    for (int i = 0; i < 4; i++)
        u(&inner, 0, 8);
    box(&ipco, "clap", &inner); /* 7 */
    u(&inner, 0, 4);
    gh_str_add(&inner, r->aux ? r->aux : "", r->aux ? strlen(r->aux) + 1 : 1);
    box(&ipco, "auxC", &inner); /* 8 */
    u(&inner, 0, 4);
    box(&ipco, "wxyz", &inner); /* 9 */
    struct gh_str iprp = {0};
    box(&iprp, "ipco", &ipco);
    u(&b, 0, 4);
    u(&b, items, 4);
    u(&b, 1, 2);
    u(&b, 3u + (r->irot >= 0) + (r->imir >= 0) + r->clap, 1);
    u(&b, 9u | (r->essential ? 0x80 : 0), 1);
    u(&b, 1, 1), u(&b, 6, 1);
    if (r->irot >= 0)
        u(&b, 4, 1);
    if (r->imir >= 0)
        u(&b, 5, 1);
    if (r->clap)
        u(&b, 7, 1);
    for (uint32_t i = 0; i < tiles; i++)
        u(&b, i + 2, 2), u(&b, 2, 1), u(&b, 2, 1), u(&b, 3, 1);
    if (r->aux)
        u(&b, tiles + 2, 2), u(&b, 2, 1), u(&b, 1, 1), u(&b, 0x88, 1);
    box(&iprp, "ipma", &b);
    box(&meta, "iprp", &iprp);
    u(&b, 0, 4);
    u(&inner, 1, 2), u(&inner, tiles - r->missing, 2);
    for (uint32_t i = 0; i < tiles - r->missing; i++)
        u(&inner, i + 2, 2);
    box(&b, "dimg", &inner);
    if (r->aux) {
        u(&inner, tiles + 2, 2), u(&inner, 1, 2), u(&inner, 1, 2);
        box(&b, "auxl", &inner);
    }
    box(&meta, "iref", &b);
    u(&b, 0, 2), u(&b, r->rows - 1, 1), u(&b, r->cols - 1, 1), u(&b, r->w, 2), u(&b, r->h, 2);
    for (uint32_t i = 0; i < tiles; i++)
        u(&b, i, 1);
    box(&meta, "idat", &b);
    gh_str_puts(&b, "heic");
    u(&b, 0, 4);
    box(file, "ftyp", &b);
    box(file, "meta", &meta);
}

static const struct recipe plain = {
    .cols = 3, .rows = 2, .w = 1400, .h = 900, .tile = 512, .irot = -1, .imir = -1, .depth = 8};

static int parse(const struct recipe *r, struct gh_heif *heif, struct gh_err *err)
{
    GH_AUTO_STR file = {0};
    build(r, &file);
    /* an exact copy, so that a sanitizer sees the first byte read too far */
    GH_AUTO_FREE uint8_t *bytes = malloc(file.len);
    memcpy(bytes, file.data, file.len);
    return gh_heif_parse(bytes, file.len, heif, err);
}

static void a_grid_is_read(void **state)
{
    (void)state;
    struct gh_err err;
    static struct gh_heif heif;
    OK(parse(&plain, &heif, &err));
    assert_int_equal(heif.w, 1400);
    assert_int_equal(heif.h, 900);
    assert_int_equal(heif.n_tiles, 6);
    assert_int_equal(heif.tile_w, 512);
    assert_int_equal(heif.colour.icc.len, 4);
    assert_int_equal(heif.orient, 1);
    assert_int_equal(heif.tiles[5].len, 1);
}

static void rotation_and_mirror_become_one_orientation(void **state)
{
    (void)state;
    static const struct {
        int irot, imir;
        uint32_t orient;
    } cases[] = {
        {-1, -1, 1}, {0, -1, 1}, {1, -1, 8}, {2, -1, 3}, {3, -1, 6}, {-1, 0, 4}, {-1, 1, 2},
        {2, 0, 2},   {2, 1, 4},  {1, 1, 7},  {3, 1, 5},  {1, 0, 5},  {3, 0, 7},
    };
    static struct gh_heif heif;
    struct gh_err err;
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        struct recipe r = plain;
        r.irot = cases[i].irot;
        r.imir = cases[i].imir;
        OK(parse(&r, &heif, &err));
        assert_int_equal(heif.orient, cases[i].orient);
    }
}

static void unusual_files_go_the_other_way(void **state)
{
    (void)state;
    static struct gh_heif heif;
    struct gh_err err;
    struct recipe r = plain;
    r.depth = 10;
    FAILS(GH_SKIP, parse(&r, &heif, &err));
    r = plain;
    r.clap = true;
    FAILS(GH_SKIP, parse(&r, &heif, &err));
    r = plain;
    r.missing = 1;
    FAILS(GH_SKIP, parse(&r, &heif, &err));
    r = plain;
    r.w = 2000; /* wider than the tiles reach */
    FAILS(GH_SKIP, parse(&r, &heif, &err));
    r = plain;
    r.w = 900; /* a whole column of tiles outside */
    FAILS(GH_SKIP, parse(&r, &heif, &err));
    r = plain;
    r.tile = 511;
    FAILS(GH_SKIP, parse(&r, &heif, &err));
    r = plain;
    r.essential = true;
    FAILS(GH_SKIP, parse(&r, &heif, &err));
    r = plain;
    r.protect = 1;
    FAILS(GH_SKIP, parse(&r, &heif, &err));
}

static void pictures_beside_the_picture_count_when_they_change_it(void **state)
{
    (void)state;
    static const struct {
        const char *aux;
        bool fast;
    } cases[] = {{ALPHA, false},
                 {"urn:mpeg:hevc:2015:auxid:1", false},
                 {"urn:mpeg:hevc:2015:auxid:21", false},
                 {"urn:example:nobody-knows", false},
                 {"", false},
                 {DEPTH, true},
                 {MATTE, true}};
    static struct gh_heif heif;
    struct gh_err err;
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        struct recipe r = plain;
        r.aux = cases[i].aux;
        assert_int_equal(parse(&r, &heif, &err), cases[i].fast ? 0 : -GH_SKIP);
    }
}

static void nclx_says_what_the_fast_path_may_draw(void **state)
{
    (void)state;
    static const struct {
        const char nclx[8]; /* primaries, transfer, matrix, full range */
        bool fast;
        enum gh_colour colour;
    } cases[] = {
        {"\0\1\0\15\0\6\200", true, GH_COLOUR_SRGB},
        {"\0\14\0\15\0\6\200", true, GH_COLOUR_PROFILE},
        {"\0\11\0\16\0\2\200", true, GH_COLOUR_BT2020},
        {"\0\11\0\20\0\11\200", false, GH_COLOUR_PQ},
        {"\0\11\0\22\0\6\200", false, GH_COLOUR_HLG},
        {"\0\1\0\15\0\1\200", false, GH_COLOUR_SRGB}, /* the matrix of BT.709 */
        {"\0\1\0\15\0\6\0", false, GH_COLOUR_SRGB},   /* limited range */
    };
    static struct gh_heif heif;
    struct gh_err err;
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        GH_AUTO_STR file = {0};
        struct recipe r = plain;
        struct gh_cicp cicp;
        r.nclx = cases[i].nclx;
        assert_int_equal(parse(&r, &heif, &err), cases[i].fast ? 0 : -GH_SKIP);
        build(&r, &file);
        gh_heif_cicp((const uint8_t *)file.data, file.len, &cicp);
        assert_int_equal(gh_cicp_colour(&cicp), cases[i].colour);
    }
    GH_AUTO_STR file = {0};
    struct gh_cicp cicp = {.transfer = 16};
    build(&plain, &file); /* a profile: nothing else counts */
    gh_heif_cicp((const uint8_t *)file.data, file.len, &cicp);
    assert_int_equal(cicp.transfer, 0);
}

static void every_truncation_and_bit_flip_is_survived(void **state)
{
    (void)state;
    static struct gh_heif heif;
    struct gh_err err;
    GH_AUTO_STR file = {0};
    build(&plain, &file);
    for (size_t n = 0; n < file.len; n++) {
        GH_AUTO_FREE uint8_t *bytes = malloc(n ? n : 1);
        memcpy(bytes, file.data, n);
        FAILS(GH_SKIP, gh_heif_parse(bytes, n, &heif, &err));
    }
    for (size_t i = 0; i < file.len * 8; i++) {
        GH_AUTO_FREE uint8_t *bytes = malloc(file.len);
        memcpy(bytes, file.data, file.len);
        bytes[i / 8] ^= (uint8_t)(1u << (i % 8));
        int r = gh_heif_parse(bytes, file.len, &heif, &err);
        assert_true(r == 0 || r == -GH_SKIP);
        for (uint32_t t = 0; r == 0 && t < heif.n_tiles; t++)
            assert_true(heif.tiles[t].at >= bytes &&
                        heif.tiles[t].at + heif.tiles[t].len <= bytes + file.len);
    }
}

static void tiles_that_are_not_hevc_are_damage(void **state)
{
    (void)state;
    static struct gh_heif heif;
    struct gh_err err;
    GH_AUTO_STR file = {0};
    build(&plain, &file);
    OK(gh_heif_parse((const uint8_t *)file.data, file.len, &heif, &err));
    struct AVFrame *frame = NULL;
    assert_true(gh_heif_decode(&heif, &frame, &err) < 0);
    assert_true(err.cls == GH_INPUT || err.cls == GH_SKIP);
    assert_null(frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grid_is_read),
        cmocka_unit_test(rotation_and_mirror_become_one_orientation),
        cmocka_unit_test(unusual_files_go_the_other_way),
        cmocka_unit_test(pictures_beside_the_picture_count_when_they_change_it),
        cmocka_unit_test(nclx_says_what_the_fast_path_may_draw),
        cmocka_unit_test(every_truncation_and_bit_flip_is_survived),
        cmocka_unit_test(tiles_that_are_not_hevc_are_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
