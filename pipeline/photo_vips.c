/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libvips: loaders allow-listed by class, reading from memory, sequential, failing on the first error. */
#include "pipeline/photo_vips.h"

#include "pipeline/photo_colour.h"

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

static const char *const allowed[] = {"VipsForeignLoadJpeg", "VipsForeignLoadPng",   "VipsForeignLoadWebp",
                                      "VipsForeignLoadHeif", "VipsForeignLoadNsgif", "VipsForeignLoadTiff"};

int gh_vips_warm(struct gh_err *err)
{
    if (VIPS_INIT("ghat"))
        return gh_fail(err, GH_SYSTEM, "libvips does not start: %s", vips_error_buffer());
    vips_vector_set_enabled(FALSE);
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    for (size_t i = 0; i < GH_LEN(allowed); i++)
        vips_operation_block_set(allowed[i], FALSE);
    /* HEIF is a module: its class must exist before the sandbox closes. Class initialisation reads no file. */
    static const char *const heif[] = {"VipsForeignLoadHeifBuffer", "VipsForeignLoadHeifSource"};
    bool found = false;
    for (size_t i = 0; i < GH_LEN(heif); i++) {
        GType type = g_type_from_name(heif[i]);
        if (type)
            found = g_type_class_ref(type) != NULL; /* kept for good */
    }
    if (!found)
        return gh_fail(err, GH_SYSTEM, "libvips has no HEIF module (Debian package libvips42 with libheif1)");
    return 0;
}

static int failed(struct gh_err *err, enum gh_class cls)
{
    char text[200] = "";
    const char *from = vips_error_buffer();
    size_t n = strcspn(from, "\n");
    memcpy(text, from, GH_MIN(n, sizeof text - 1));
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
 * The one loader of each format. vips_image_new_from_buffer would ask every class of loader whether the bytes are its
 * own, those that are blocked included: a TIFF cut off in the middle was handed to ImageMagick that way.
 */
static const struct {
    const char *format;
    int (*load)(void *bytes, size_t n, VipsImage **out, ...);
} loaders[] = {
    {"png", vips_pngload_buffer},   {"webp", vips_webpload_buffer}, {"gif", vips_gifload_buffer},
    {"tiff", vips_tiffload_buffer}, {"heif", vips_heifload_buffer}, {"avif", vips_heifload_buffer},
};

static VipsImage *open_image(const uint8_t *bytes, size_t n, const char *format, double scale)
{
    VipsImage *out = NULL;
    int shrink = 1;
    vips_error_clear(); /* what is said from here on is about this file */
    if (gh_streq(format, "jpeg")) {
        while (shrink < 8 && shrink * 2 * scale <= 1)
            shrink *= 2;
        if (vips_jpegload_buffer((void *)bytes, n, &out, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                                 VIPS_FAIL_ON_ERROR, "shrink", shrink, END))
            return NULL;
        return out;
    }
    for (size_t i = 0; i < GH_LEN(loaders); i++)
        if (gh_streq(format, loaders[i].format))
            return loaders[i].load((void *)bytes, n, &out, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                                   VIPS_FAIL_ON_ERROR, END)
                       ? NULL
                       : out;
    return NULL;
}

/* ------------------------------------------------------------------------------------------------ header */

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
        if (!vips_image_get_typeof(image, blobs[i].name) || vips_image_get_blob(image, blobs[i].name, &block, &n) || !n)
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

int gh_vips_header(const uint8_t *bytes, size_t n, const char *format, struct gh_vips_info *ret, struct gh_meta *meta,
                   struct gh_str keep[3], struct gh_err *err)
{
    AUTO_IMAGE *image = open_image(bytes, n, format, 1);
    if (!image)
        return failed(err, GH_INPUT);
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
        .palette = vips_image_get_typeof(image, "palette-bit-depth") != 0,
    };
    if (meta)
        read_meta(image, meta, keep);
    return 0;
}

/* ------------------------------------------------------------------------------------------------ pixels */

/* Step by step: each function takes *image over and leaves the next in it. */
static int swap_in(VipsImage **image, VipsImage *next)
{
    g_object_unref(*image);
    *image = next;
    return 0;
}

static int to_srgb(VipsImage **image)
{
    VipsImage *next = NULL;
    bool cmyk = vips_image_get_interpretation(*image) == VIPS_INTERPRETATION_CMYK;
    bool profile = vips_image_get_typeof(*image, VIPS_META_ICC_NAME) != 0;
    if (profile || cmyk) {
        /* the embedded profile; for CMYK without a (usable) one, libvips's own */
        int r = vips_icc_transform(*image, &next, "srgb", "embedded", TRUE, "input_profile", cmyk ? "cmyk" : "srgb",
                                   "intent", VIPS_INTENT_RELATIVE, "black_point_compensation", TRUE, "depth", 8, END);
        if (r == 0)
            return swap_in(image, next);
        vips_error_clear(); /* a profile of another kind than the pixels: their numbers count */
    }
    if (vips_colourspace(*image, &next, VIPS_INTERPRETATION_sRGB, END))
        return -1;
    return swap_in(image, next);
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
    return r ? -1 : swap_in(image, next);
}

static int reduce(VipsImage **image, double to_w, double to_h)
{
    VipsImage *next = NULL;
    double hscale = to_w / vips_image_get_width(*image), vscale = to_h / vips_image_get_height(*image);
    if (hscale > 0.99 && vscale > 0.99)
        return 0;
    if (vips_resize(*image, &next, hscale, "vscale", vscale, END))
        return -1;
    return swap_in(image, next);
}

static int to_bytes(VipsImage **image)
{
    VipsImage *next = NULL;
    if (vips_image_get_format(*image) != VIPS_FORMAT_UCHAR) {
        if (vips_cast_uchar(*image, &next, END))
            return -1;
        swap_in(image, next);
    }
    int bands = vips_image_get_bands(*image);
    if (bands == 3)
        return 0;
    if (bands > 3 ? vips_extract_band(*image, &next, 0, "n", 3, END)
                  : vips_bandjoin((VipsImage *[]){*image, *image, *image}, &next, 3, END))
        return -1;
    swap_in(image, next);
    if (vips_image_get_bands(*image) > 3) {
        if (vips_extract_band(*image, &next, 0, "n", 3, END))
            return -1;
        swap_in(image, next);
    }
    return 0;
}

static void g_free_ptr(void *p)
{
    g_free(*(void **)p);
}

int gh_vips_planes(const uint8_t *bytes, size_t n, const char *format, double scale, uint32_t background,
                   struct gh_planes *ret, struct gh_err *err)
{
    AUTO_IMAGE *full = open_image(bytes, n, format, 1);
    if (!full)
        return failed(err, GH_INPUT);
    double ref_w = vips_image_get_width(full), ref_h = vips_image_get_height(full);
    image_free(&full);
    AUTO_IMAGE *image = open_image(bytes, n, format, scale);
    if (!image)
        return failed(err, GH_INPUT);
    double to_w = GH_MAX(1.0, (double)(long)(ref_w * scale + 0.5)),
           to_h = GH_MAX(1.0, (double)(long)(ref_h * scale + 0.5));
    bool alpha = vips_image_hasalpha(image);
    /* colour belongs on the reduced picture; but transparent pixels must be covered before they mix with their
     * neighbours */
    int r = alpha ? to_srgb(&image) || flatten(&image, background) || reduce(&image, to_w, to_h)
                  : reduce(&image, to_w, to_h) || to_srgb(&image);
    if (r || to_bytes(&image))
        return failed(err, GH_INPUT);
    size_t size = 0;
    GH_AUTO(g_free_ptr) uint8_t *rgb = vips_image_write_to_memory(image, &size);
    uint32_t w = (uint32_t)vips_image_get_width(image), h = (uint32_t)vips_image_get_height(image);
    if (!rgb || size < (size_t)w * h * 3)
        return failed(err, GH_INPUT);
    TRY(gh_planes_from_rgb(rgb, (size_t)w * 3, w, h, ret, err));
    gh_planes_cover(ret, 0, 0, ref_w, ref_h, ref_w, ref_h);
    return 0;
}

/* ------------------------------------------------------------------------------------------------ logos */

#define LOGO_EDGE 4096

/* Four bands of bytes, colour multiplied by alpha. */
static int premultiply(VipsImage **image, double most)
{
    VipsImage *next = NULL;
    if (to_srgb(image))
        return -1;
    if (vips_image_get_bands(*image) < 3) {
        if (vips_colourspace(*image, &next, VIPS_INTERPRETATION_sRGB, END))
            return -1;
        swap_in(image, next);
    }
    if (!vips_image_hasalpha(*image)) {
        if (vips_addalpha(*image, &next, END))
            return -1;
        swap_in(image, next);
    }
    if (vips_premultiply(*image, &next, END))
        return -1;
    swap_in(image, next);
    double f = most / GH_MAX(vips_image_get_width(*image), vips_image_get_height(*image));
    if (f < 1) {
        if (vips_resize(*image, &next, f, END))
            return -1;
        swap_in(image, next);
    }
    if (vips_cast_uchar(*image, &next, END))
        return -1;
    return swap_in(image, next);
}

int gh_vips_logo(const uint8_t *bytes, size_t n, uint32_t most, uint8_t **ret_rgba, uint32_t *ret_w, uint32_t *ret_h,
                 struct gh_err *err)
{
    AUTO_IMAGE *image = open_image(bytes, n, "png", 1);
    if (!image)
        return failed(err, GH_INPUT);
    if (vips_image_get_width(image) > LOGO_EDGE || vips_image_get_height(image) > LOGO_EDGE)
        return gh_fail(err, GH_LIMIT, "a logo of at most %d pixels an edge, please", LOGO_EDGE);
    if (premultiply(&image, most))
        return failed(err, GH_INPUT);
    size_t size = 0;
    GH_AUTO(g_free_ptr) uint8_t *rgba = vips_image_write_to_memory(image, &size);
    uint32_t w = (uint32_t)vips_image_get_width(image), h = (uint32_t)vips_image_get_height(image);
    if (!rgba || vips_image_get_bands(image) != 4 || size != (size_t)w * h * 4)
        return failed(err, GH_INPUT);
    *ret_rgba = gh_alloc(size);
    memcpy(*ret_rgba, rgba, size);
    *ret_w = w;
    *ret_h = h;
    return 0;
}
