/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libvips, confined: only allow-listed loaders, reading from memory, sequentially, failing on the
 * first error. Classes: GH_INPUT, GH_LIMIT (memory, too large a logo), GH_SYSTEM.
 */
#include "pipeline/photo/vips.h"

#include "pipeline/photo/bmp.h"
#include "pipeline/photo/colour.h"
#include "pipeline/photo/tone.h"

#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>
/* after vips.h */
#include <vips/vector.h>

/* libvips's operations take a list of names and values that ends with NULL. */
#define END ((void *)NULL)

static void image_free(VipsImage **i)
{
    if (*i)
        g_object_unref(*i);
    *i = NULL;
}
#define AUTO_IMAGE GH_AUTO(image_free) VipsImage

static const char *const allowed[] = {"VipsForeignLoadJpeg",  "VipsForeignLoadPng",
                                      "VipsForeignLoadWebp",  "VipsForeignLoadHeif",
                                      "VipsForeignLoadNsgif", "VipsForeignLoadTiff"};

/* libvips decodes a picture of a format that it cannot read row by row (WebP) into memory, and from
 * this size on into a file, which a child cannot open. The size of a picture is bounded elsewhere.
 */
#define NEVER_TO_DISK "1000000g"

int gh_vips_warm(struct gh_err *err)
{
    if (setenv("VIPS_DISC_THRESHOLD", NEVER_TO_DISK, 1) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot set up libvips");
    if (VIPS_INIT("ghat"))
        return gh_fail(err, GH_SYSTEM, "libvips does not start: %s", vips_error_buffer());
    vips_vector_set_enabled(FALSE);
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    for (size_t i = 0; i < GH_LEN(allowed); i++)
        vips_operation_block_set(allowed[i], FALSE);
    /* HEIF is a loadable module: its class must exist before a child is in its sandbox, where it
     * can open no file. */
    static const char *const heif[] = {"VipsForeignLoadHeifBuffer", "VipsForeignLoadHeifSource"};
    bool found = false;
    for (size_t i = 0; i < GH_LEN(heif); i++) {
        GType type = g_type_from_name(heif[i]);
        if (type)
            found = g_type_class_ref(type) != NULL; /* kept for good */
    }
    if (!found)
        return gh_fail(err, GH_SYSTEM,
                       "libvips has no HEIF module (Debian package libvips42 with libheif1)");
    return 0;
}

static int fail_vips(struct gh_err *err, enum gh_class cls)
{
    char text[200] = "";
    const char *from = vips_error_buffer();
    size_t n = strcspn(from, "\n");
    memcpy(text, from, GH_MIN(n, sizeof(text) - 1));
    for (char *c = text; *c; c++)
        if (*c < 0x20 || *c > 0x7e)
            *c = '?';
    bool memory = strstr(from, "out of memory") != NULL;
    bool unsupported = strstr(from, "not supported") || strstr(from, "unsupported");
    vips_error_clear();
    if (memory)
        return gh_fail(err, GH_LIMIT, "the picture needs more memory than a photo is given");
    if (unsupported)
        return gh_fail(err, cls, "unsupported kind of picture: %s", text);
    return gh_fail(err, cls, "damaged picture: %s", *text ? text : "it cannot be decoded");
}

/*
 * The one loader of each format. vips_image_new_from_buffer asks every class of loader whether it
 * knows the bytes, and blocked ones as well: that way a truncated TIFF was given to ImageMagick.
 */
static const struct {
    const char *format;
    int (*load)(void *bytes, size_t n, VipsImage **out, ...);
} loaders[] = {
    {"png", vips_pngload_buffer},   {"webp", vips_webpload_buffer}, {"gif", vips_gifload_buffer},
    {"tiff", vips_tiffload_buffer}, {"heif", vips_heifload_buffer}, {"avif", vips_heifload_buffer},
};

static void bmp_free(VipsImage *image, struct gh_bmp *bmp)
{
    (void)image;
    gh_bmp_close(bmp);
    free(bmp);
}

static int bmp_region(VipsRegion *out, void *seq, void *a, void *b, gboolean *stop)
{
    const struct gh_bmp *bmp = a;
    const VipsRect *r = &out->valid;
    (void)seq;
    (void)b;
    (void)stop;
    for (int y = r->top; y < r->top + r->height; y++)
        gh_bmp_row(bmp, (uint32_t)r->left, (uint32_t)y, (uint32_t)r->width,
                   (uint8_t *)VIPS_REGION_ADDR(out, r->left, y));
    return 0;
}

/* libvips reads bitmaps only through ImageMagick: their rows are generated here. pixels: they will
 * be asked for. */
static VipsImage *open_bmp(const uint8_t *bytes, size_t n, bool pixels)
{
    struct gh_err err;
    struct gh_bmp *bmp = gh_alloc(sizeof(*bmp));
    if (gh_bmp_open(bytes, n, bmp, &err) < 0 || (pixels && gh_bmp_unpack(bmp, &err) < 0)) {
        vips_error("bmp", "%s", err.msg);
        bmp_free(NULL, bmp);
        return NULL;
    }
    VipsImage *image = vips_image_new();
    g_signal_connect(image, "postclose", G_CALLBACK(bmp_free), bmp);
    vips_image_init_fields(image, (int)bmp->w, (int)bmp->h, bmp->alpha ? 4 : 3, VIPS_FORMAT_UCHAR,
                           VIPS_CODING_NONE, VIPS_INTERPRETATION_sRGB, 1, 1);
    if (bmp->icc)
        vips_image_set_blob_copy(image, VIPS_META_ICC_NAME, bmp->icc, bmp->n_icc);
    if (vips_image_pipelinev(image, VIPS_DEMAND_STYLE_THINSTRIP, END) ||
        vips_image_generate(image, NULL, bmp_region, NULL, bmp, NULL))
        image_free(&image);
    return image;
}

/* scale: at least how large it is wanted; 0: only its header is. */
static VipsImage *open_image(const uint8_t *bytes, size_t n, const char *format, double scale)
{
    VipsImage *out = NULL;
    int shrink = 1;
    vips_error_clear(); /* errors from here on concern this file */
    if (gh_streq(format, "bmp"))
        return open_bmp(bytes, n, scale > 0);
    if (gh_streq(format, "jpeg")) {
        while (scale > 0 && shrink < 8 && shrink * 2 * scale <= 1)
            shrink *= 2;
        if (vips_jpegload_buffer((void *)bytes, n, &out, "access", VIPS_ACCESS_SEQUENTIAL,
                                 "fail_on", VIPS_FAIL_ON_ERROR, "shrink", shrink, END))
            return NULL;
        return out;
    }
    for (size_t i = 0; i < GH_LEN(loaders); i++)
        if (gh_streq(format, loaders[i].format))
            return loaders[i].load((void *)bytes, n, &out, "access", VIPS_ACCESS_SEQUENTIAL,
                                   "fail_on", VIPS_FAIL_ON_ERROR, END)
                       ? NULL
                       : out;
    return NULL;
}

/* --------------------------------------------------------------------------------------- header */

static const struct {
    const char *name;
    void (*read)(const uint8_t *block, size_t n, struct gh_meta *m);
} blobs[] = {
    {VIPS_META_EXIF_NAME, gh_meta_exif},
    {VIPS_META_XMP_NAME, gh_meta_xmp},
    {VIPS_META_IPTC_NAME, gh_meta_iptc},
};

static void *on_field(VipsImage *image, const char *name, GValue *value, void *arg)
{
    struct gh_meta *m = arg;
    (void)image;
    (void)value;
    if (gh_starts(name, "png-comment") || gh_streq(name, "gif-comment"))
        m->bits |= GH_META(COMMENT);
    return NULL;
}

static void read_meta(VipsImage *image, struct gh_meta *m, struct gh_str keep[3])
{
    const void *block;
    size_t n;
    for (size_t i = 0; i < GH_LEN(blobs); i++) {
        if (!vips_image_get_typeof(image, blobs[i].name) ||
            vips_image_get_blob(image, blobs[i].name, &block, &n) || !n)
            continue;
        gh_str_add(&keep[i], block, n); /* the loader's memory goes with the image */
        const uint8_t *copy = (const uint8_t *)keep[i].data;
        if (i == 2 && n > 14 && !memcmp(copy, "Photoshop 3.0", 14))
            gh_meta_photoshop(copy + 14, n - 14, m);
        else if (i == 2 && n > 4 && !memcmp(copy, "8BIM", 4))
            gh_meta_photoshop(copy, n, m);
        else
            blobs[i].read(copy, n, m);
    }
    if (vips_image_get_typeof(image, VIPS_META_ICC_NAME) &&
        !vips_image_get_blob(image, VIPS_META_ICC_NAME, &block, &n)) {
        m->bits |= GH_META(ICC);
        if (!m->icc.len)
            gh_str_add(&m->icc, block, n);
    }
    vips_image_map(image, on_field, m);
}

int gh_vips_header(const uint8_t *bytes, size_t n, const char *format, struct gh_vips_info *ret,
                   struct gh_meta *meta, struct gh_str keep[3], struct gh_err *err)
{
    AUTO_IMAGE *image = open_image(bytes, n, format, 0);
    if (!image)
        return fail_vips(err, GH_INPUT);
    VipsInterpretation space = vips_image_get_interpretation(image);
    VipsBandFormat band = vips_image_get_format(image);
    int pages = vips_image_get_n_pages(image);
    bool heif = gh_streq(format, "heif") || gh_streq(format, "avif");
    *ret = (struct gh_vips_info){
        .w = (uint32_t)vips_image_get_width(image),
        .h = (uint32_t)vips_image_get_height(image),
        .bands = (uint32_t)vips_image_get_bands(image),
        .alpha = vips_image_hasalpha(image),
        .cmyk = space == VIPS_INTERPRETATION_CMYK,
        .grey = space == VIPS_INTERPRETATION_B_W || space == VIPS_INTERPRETATION_GREY16,
        .depth = (uint32_t)vips_format_sizeof(band) * 8,
        .pages = (uint32_t)GH_MAX(pages, 1),
        .orient = heif ? 1 : (uint32_t)GH_CLAMP(vips_image_get_orientation(image), 1, 8),
    };
    if (meta)
        read_meta(image, meta, keep);
    return 0;
}

/* --------------------------------------------------------------------------------------- pixels */

/* Each step frees *image and puts the next one there. */
static int replace_image(VipsImage **image, VipsImage *next)
{
    g_object_unref(*image);
    *image = next;
    return 0;
}

/* Let cicp count instead of a profile: where it is SDR, as a profile of the same meaning. */
static int set_colour(VipsImage **image, const struct gh_cicp *cicp)
{
    VipsImage *next = NULL;
    GH_AUTO_FREE void *icc = NULL;
    size_t n = gh_cicp_icc(cicp, &icc);
    if (!cicp->primaries && !cicp->transfer)
        return 0;
    if (vips_copy(*image, &next, END)) /* what a loader gave may be shared */
        return -1;
    replace_image(image, next);
    vips_image_remove(*image, VIPS_META_ICC_NAME);
    if (n)
        vips_image_set_blob_copy(*image, VIPS_META_ICC_NAME, icc, n);
    return 0;
}

#define CODES_16 65536

/* What one HDR picture needs while its pixels are evaluated. */
struct hdr {
    VipsImage *from; /* a reference */
    struct gh_light *light;
    double most; /* the largest code value */
    bool wide;   /* 16-bit samples */
};

static double sample_at(const struct hdr *hdr, const void *row, size_t i)
{
    return (hdr->wide ? ((const uint16_t *)row)[i] : ((const uint8_t *)row)[i]) / hdr->most;
}

/* Rows of colour, with alpha or without, to 8 bits. Neighbours are often equal. */
static void map_row(const struct hdr *hdr, const void *from, uint8_t *to, int w, int bands)
{
    double last[3] = {-1, -1, -1}, out[3] = {0};
    for (int x = 0; x < w; x++) {
        double in[3];
        for (int i = 0; i < 3; i++)
            in[i] = sample_at(hdr, from, (size_t)x * (size_t)bands + (size_t)i);
        if (in[0] != last[0] || in[1] != last[1] || in[2] != last[2])
            gh_light_map(hdr->light, in, out);
        memcpy(last, in, sizeof(last));
        for (int i = 0; i < 3; i++)
            *to++ = (uint8_t)(GH_CLAMP(out[i], 0.0, 1.0) * 255 + 0.5);
        if (bands > 3)
            *to++ = (uint8_t)(sample_at(hdr, from, (size_t)x * (size_t)bands + 3) * 255 + 0.5);
    }
}

static int map_region(VipsRegion *out, void *seq, void *a, void *b, gboolean *stop)
{
    VipsRegion *in = seq;
    const VipsRect *r = &out->valid;
    (void)a;
    (void)stop;
    if (vips_region_prepare(in, r))
        return -1;
    for (int y = r->top; y < r->top + r->height; y++)
        map_row(b, VIPS_REGION_ADDR(in, r->left, y), VIPS_REGION_ADDR(out, r->left, y), r->width,
                in->im->Bands);
    return 0;
}

static void hdr_free(VipsImage *image, struct hdr *hdr)
{
    (void)image;
    gh_light_free(&hdr->light);
    image_free(&hdr->from);
    free(hdr);
}

/* The largest code value: libvips shifts what has 10 or 12 bits up to 16. */
static double largest_code(VipsImage *image)
{
    int bits = 16;
    if (vips_image_get_format(image) == VIPS_FORMAT_UCHAR)
        return 255;
    if (vips_image_get_typeof(image, "heif-bitdepth") &&
        !vips_image_get_int(image, "heif-bitdepth", &bits))
        bits = GH_CLAMP(bits, 9, 16);
    return CODES_16 - (1 << (16 - bits));
}

/* HDR to sRGB, as videos are (pipeline/photo/tone.h): 8 bits, and alpha where there was one. */
static int map_tone(VipsImage **image, const struct gh_cicp *cicp)
{
    VipsImage *next = NULL;
    const struct gh_light_source source = {
        .transfer = gh_cicp_colour(cicp), .primaries = cicp->primaries, .peak = gh_cicp_peak(cicp)};
    double most = largest_code(*image);
    if (vips_image_get_bands(*image) < 3) {
        if (vips_colourspace(*image, &next,
                             most > 255 ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB,
                             END))
            return -1;
        replace_image(image, next);
    }
    struct hdr *hdr = gh_alloc(sizeof(*hdr));
    *hdr = (struct hdr){.from = g_object_ref(*image), .most = most, .wide = most > 255};
    gh_light_new(&source, &hdr->light);
    next = vips_image_new();
    g_signal_connect(next, "postclose", G_CALLBACK(hdr_free), hdr);
    if (vips_image_pipelinev(next, VIPS_DEMAND_STYLE_THINSTRIP, *image, END)) {
        g_object_unref(next);
        return -1;
    }
    next->BandFmt = VIPS_FORMAT_UCHAR;
    next->Type = VIPS_INTERPRETATION_sRGB;
    if (vips_image_generate(next, vips_start_one, map_region, vips_stop_one, *image, hdr)) {
        g_object_unref(next);
        return -1;
    }
    return replace_image(image, next);
}

static int to_srgb(VipsImage **image, const struct gh_cicp *cicp)
{
    VipsImage *next = NULL;
    enum gh_colour colour = gh_cicp_colour(cicp);
    if (set_colour(image, cicp))
        return -1;
    if (colour == GH_COLOUR_PQ || colour == GH_COLOUR_HLG)
        return map_tone(image, cicp);
    bool cmyk = vips_image_get_interpretation(*image) == VIPS_INTERPRETATION_CMYK;
    bool profile = vips_image_get_typeof(*image, VIPS_META_ICC_NAME) != 0;
    if (profile || cmyk) {
        /* the embedded profile; for CMYK without a (usable) one, libvips's own */
        int r = vips_icc_transform(*image, &next, "srgb", "embedded", TRUE, "input_profile",
                                   cmyk ? "cmyk" : "srgb", "intent", VIPS_INTENT_RELATIVE,
                                   "black_point_compensation", TRUE, "depth", 8, END);
        if (r == 0)
            return replace_image(image, next);
        vips_error_clear(); /* a profile for another kind of pixels is ignored */
    }
    if (vips_colourspace(*image, &next, VIPS_INTERPRETATION_sRGB, END))
        return -1;
    return replace_image(image, next);
}

static int flatten(VipsImage **image, uint32_t background)
{
    VipsImage *next = NULL;
    if (!vips_image_hasalpha(*image))
        return 0;
    double rgb[3] = {background >> 16 & 255, background >> 8 & 255, background & 255};
    VipsArrayDouble *colour = vips_array_double_new(rgb, 3);
    int r = vips_flatten(*image, &next, "background", colour, END);
    vips_area_unref(VIPS_AREA(colour));
    return r ? -1 : replace_image(image, next);
}

#define WORTH_REDUCING 0.99

static int reduce(VipsImage **image, double to_w, double to_h)
{
    VipsImage *next = NULL;
    double hscale = to_w / vips_image_get_width(*image),
           vscale = to_h / vips_image_get_height(*image);
    if (hscale > WORTH_REDUCING && vscale > WORTH_REDUCING)
        return 0;
    if (vips_resize(*image, &next, hscale, "vscale", vscale, END))
        return -1;
    return replace_image(image, next);
}

static int to_bytes(VipsImage **image)
{
    VipsImage *next = NULL;
    if (vips_image_get_format(*image) != VIPS_FORMAT_UCHAR) {
        if (vips_cast_uchar(*image, &next, END))
            return -1;
        replace_image(image, next);
    }
    int bands = vips_image_get_bands(*image);
    if (bands == 3)
        return 0;
    if (bands > 3 ? vips_extract_band(*image, &next, 0, "n", 3, END)
                  : vips_bandjoin((VipsImage *[]){*image, *image, *image}, &next, 3, END))
        return -1;
    replace_image(image, next);
    if (vips_image_get_bands(*image) > 3) {
        if (vips_extract_band(*image, &next, 0, "n", 3, END))
            return -1;
        replace_image(image, next);
    }
    return 0;
}

static void g_free_ptr(void *p)
{
    g_free(*(void **)p);
}

int gh_vips_planes(const uint8_t *bytes, size_t n, const char *format, const struct gh_cicp *cicp,
                   double scale, uint32_t background, struct gh_planes *ret, struct gh_err *err)
{
    AUTO_IMAGE *full = open_image(bytes, n, format, 0);
    if (!full)
        return fail_vips(err, GH_INPUT);
    double ref_w = vips_image_get_width(full), ref_h = vips_image_get_height(full);
    image_free(&full);
    AUTO_IMAGE *image = open_image(bytes, n, format, scale);
    if (!image)
        return fail_vips(err, GH_INPUT);
    double to_w = GH_MAX(1.0, (double)(long)(ref_w * scale + 0.5)),
           to_h = GH_MAX(1.0, (double)(long)(ref_h * scale + 0.5));
    bool alpha = vips_image_hasalpha(image);
    /* Colour is converted on the reduced picture; but transparent pixels must be covered before
     * they are mixed with their neighbours. */
    int r = alpha
                ? to_srgb(&image, cicp) || flatten(&image, background) || reduce(&image, to_w, to_h)
                : reduce(&image, to_w, to_h) || to_srgb(&image, cicp);
    if (r || to_bytes(&image))
        return fail_vips(err, GH_INPUT);
    size_t size = 0;
    GH_AUTO(g_free_ptr) uint8_t *rgb = vips_image_write_to_memory(image, &size);
    uint32_t w = (uint32_t)vips_image_get_width(image), h = (uint32_t)vips_image_get_height(image);
    if (!rgb || size < (size_t)w * h * 3)
        return fail_vips(err, GH_INPUT);
    TRY(gh_planes_from_rgb(rgb, (size_t)w * 3, w, h, ret, err));
    gh_planes_cover(ret, 0, 0, ref_w, ref_h, ref_w, ref_h);
    return 0;
}

/* ---------------------------------------------------------------------------------------- logos */

#define LOGO_EDGE 4096

/* Four bands of bytes, colour multiplied by alpha. */
static int premultiply(VipsImage **image, double most)
{
    VipsImage *next = NULL;
    if (to_srgb(image, &(const struct gh_cicp){0}))
        return -1;
    if (vips_image_get_bands(*image) < 3) {
        if (vips_colourspace(*image, &next, VIPS_INTERPRETATION_sRGB, END))
            return -1;
        replace_image(image, next);
    }
    if (!vips_image_hasalpha(*image)) {
        if (vips_addalpha(*image, &next, END))
            return -1;
        replace_image(image, next);
    }
    if (vips_premultiply(*image, &next, END))
        return -1;
    replace_image(image, next);
    double f = most / GH_MAX(vips_image_get_width(*image), vips_image_get_height(*image));
    if (f < 1) {
        if (vips_resize(*image, &next, f, END))
            return -1;
        replace_image(image, next);
    }
    if (vips_cast_uchar(*image, &next, END))
        return -1;
    return replace_image(image, next);
}

int gh_vips_logo(const uint8_t *bytes, size_t n, uint32_t most, uint8_t **ret_rgba, uint32_t *ret_w,
                 uint32_t *ret_h, struct gh_err *err)
{
    AUTO_IMAGE *image = open_image(bytes, n, "png", 1);
    if (!image)
        return fail_vips(err, GH_INPUT);
    if (vips_image_get_width(image) > LOGO_EDGE || vips_image_get_height(image) > LOGO_EDGE)
        return gh_fail(err, GH_LIMIT, "a logo of at most %d pixels an edge, please", LOGO_EDGE);
    if (premultiply(&image, most))
        return fail_vips(err, GH_INPUT);
    size_t size = 0;
    GH_AUTO(g_free_ptr) uint8_t *rgba = vips_image_write_to_memory(image, &size);
    uint32_t w = (uint32_t)vips_image_get_width(image), h = (uint32_t)vips_image_get_height(image);
    if (!rgba || vips_image_get_bands(image) != 4 || size != (size_t)w * h * 4)
        return fail_vips(err, GH_INPUT);
    *ret_rgba = gh_alloc(size);
    memcpy(*ret_rgba, rgba, size);
    *ret_w = w;
    *ret_h = h;
    return 0;
}
