/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making overlay files, in a process of its own for each. A logo is decoded in the same sandbox as
 * any dropped picture. A text is set by Pango, which must open fonts, so that runs outside it, and
 * reads nothing but the administrator's text. Reasons go to stderr, in one line. Classes: GH_CONFIG
 * (the logo or text), GH_SYSTEM.
 */
#include "pipeline/photo/overlay.h"

#include "base/file.h"
#include "base/str.h"
#include "pipeline/photo/vips.h"
#include "pipeline/walls/sandbox.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <stdio.h>
#include <string.h>

#define LOGO_BYTES (4u << 20)
#define TEXT_BYTES 1000
/* Font size of a label in pixels: so large that every placement makes it smaller. */
#define TEXT_SIZE 72.0
#define PAD_X 0.34 /* these three are shares of the text size */
#define PAD_Y 0.10
#define ROUND 0.28
#define GROUND 0.62 /* opacity of the dark ground: on white, white text has a contrast of 6 : 1 */

static int write_overlay(int fd, const uint8_t *rgba, uint32_t w, uint32_t h, struct gh_err *err)
{
    const struct gh_overlay_head head = {.magic = GH_OVERLAY_MAGIC, .w = w, .h = h};
    TRY(gh_write_all(fd, &head, sizeof(head), err));
    return gh_write_all(fd, rgba, (size_t)w * h * 4, err);
}

/* Returns the exit status. */
static int report(const struct gh_err *err)
{
    fprintf(stderr, "%s\n", err->msg);
    return 1;
}

/* --------------------------------------------------------------------------------------- a logo */

static int make_logo(int in_fd, int out_fd, struct gh_err *err)
{
    GH_AUTO_FREE char *bytes = NULL;
    GH_AUTO_FREE uint8_t *rgba = NULL;
    size_t n;
    uint32_t w, h;
    char format[16];
    TRY(gh_read_fd(in_fd, LOGO_BYTES, &bytes, &n, err));
    if (gh_sniff((const uint8_t *)bytes, GH_MIN(n, (size_t)GH_SNIFF_BYTES), format) != GH_PHOTO ||
        !gh_streq(format, "png"))
        return gh_fail(err, GH_CONFIG, "a logo must be a PNG");
    TRY(gh_vips_logo((const uint8_t *)bytes, n, GH_OVERLAY_MAX_H, &rgba, &w, &h, err));
    return write_overlay(out_fd, rgba, w, h, err);
}

int gh_overlay_make_logo(bool seccomp_only)
{
    const struct gh_limits limits = gh_limits_default();
    struct gh_err err = {0};
    if (gh_vips_warm(&err) < 0)
        return report(&err);
    return gh_sandbox_alone(seccomp_only, &limits, make_logo);
}

/* -------------------------------------------------------------------------------------- a label */

static void layout_free(PangoLayout **l)
{
    if (*l)
        g_object_unref(*l);
}

static void surface_free(cairo_surface_t **s)
{
    if (*s)
        cairo_surface_destroy(*s);
}

static void cairo_free(cairo_t **c)
{
    if (*c)
        cairo_destroy(*c);
}

static void round_box(cairo_t *c, double w, double h, double r)
{
    cairo_new_sub_path(c);
    cairo_arc(c, w - r, r, r, -G_PI / 2, 0);
    cairo_arc(c, w - r, h - r, r, 0, G_PI / 2);
    cairo_arc(c, r, h - r, r, G_PI / 2, G_PI);
    cairo_arc(c, r, r, r, G_PI, 1.5 * G_PI);
    cairo_close_path(c);
}

static int set_text(const char *text, PangoLayout **ret, struct gh_err *err)
{
    PangoFontMap *map = pango_cairo_font_map_get_default();
    PangoContext *context = pango_font_map_create_context(map);
    cairo_font_options_t *options = cairo_font_options_create();
    PangoFontDescription *font = pango_font_description_from_string("sans-serif");
    GH_AUTO(layout_free) PangoLayout *layout = pango_layout_new(context);
    /* it will be scaled: shapes as designed, no hinting, no subpixel colours */
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, options);
    pango_font_description_set_absolute_size(font, TEXT_SIZE * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    pango_layout_set_single_paragraph_mode(layout, TRUE);
    pango_layout_set_text(layout, text, -1);
    pango_font_description_free(font);
    cairo_font_options_destroy(options);
    g_object_unref(context);
    if (pango_layout_get_unknown_glyphs_count(layout))
        return gh_fail(
            err, GH_CONFIG,
            "no font here has all its letters: install one (Debian: fonts-lohit-beng-bengali, or "
            "fonts-noto-core)");
    *ret = gh_steal(&layout);
    return 0;
}

/* cairo keeps a pixel as one native 32-bit number, ARGB. */
static int write_surface(cairo_surface_t *surface, int out_fd, struct gh_err *err)
{
    uint32_t w = (uint32_t)cairo_image_surface_get_width(surface),
             h = (uint32_t)cairo_image_surface_get_height(surface);
    const unsigned char *data = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    GH_AUTO_FREE uint8_t *rgba = gh_alloc((size_t)w * h * 4);
    for (uint32_t y = 0; y < h; y++)
        for (uint32_t x = 0; x < w; x++) {
            uint32_t v;
            memcpy(&v, data + stride * y + (size_t)x * 4, 4);
            uint8_t *p = rgba + ((size_t)y * w + x) * 4;
            p[0] = (uint8_t)(v >> 16);
            p[1] = (uint8_t)(v >> 8);
            p[2] = (uint8_t)v;
            p[3] = (uint8_t)(v >> 24);
        }
    return write_overlay(out_fd, rgba, w, h, err);
}

static int make_label(const char *text, int out_fd, struct gh_err *err)
{
    GH_AUTO(layout_free) PangoLayout *layout = NULL;
    PangoRectangle ink, logical;
    TRY(set_text(text, &layout, err));
    pango_layout_get_pixel_extents(layout, &ink, &logical);
    double pad_x = floor(TEXT_SIZE * PAD_X), pad_y = floor(TEXT_SIZE * PAD_Y);
    /* Ink may reach beyond its line: conjuncts of Bengali do, below it. */
    double top = GH_MIN(logical.y, ink.y),
           below = GH_MAX(logical.y + logical.height, ink.y + ink.height);
    double w = ceil(logical.width + 2 * pad_x), h = ceil(below - top + 2 * pad_y);
    if (logical.width < 1 || w > GH_OVERLAY_MAX_W || h > GH_OVERLAY_MAX_H)
        return gh_fail(err, GH_CONFIG,
                       logical.width < 1 ? "there is nothing to see in it" : "it is too long");
    GH_AUTO(surface_free)
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)w, (int)h);
    GH_AUTO(cairo_free) cairo_t *c = cairo_create(surface);
    round_box(c, w, h, TEXT_SIZE * ROUND);
    cairo_set_source_rgba(c, 0, 0, 0, GROUND);
    cairo_fill(c);
    cairo_move_to(c, pad_x - logical.x, pad_y - top);
    cairo_set_source_rgb(c, 1, 1, 1);
    pango_cairo_show_layout(c, layout);
    cairo_surface_flush(surface);
    if (cairo_status(c) != CAIRO_STATUS_SUCCESS)
        return gh_fail(err, GH_SYSTEM, "cannot draw it: %s",
                       cairo_status_to_string(cairo_status(c)));
    return write_surface(surface, out_fd, err);
}

int gh_overlay_make_label(void)
{
    struct gh_err err = {0};
    GH_AUTO_FREE char *text = NULL;
    size_t n;
    if (gh_read_fd(STDIN_FILENO, TEXT_BYTES, &text, &n, &err) < 0)
        return report(&err);
    if (!n || strlen(text) != n || !gh_utf8_valid(text, n))
        gh_fail(&err, GH_CONFIG, "a label is one line of UTF-8");
    else if (make_label(text, STDOUT_FILENO, &err) == 0)
        return 0;
    return report(&err);
}
