/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Colour is converted after scaling, on the reduced picture, row by row through lcms. Class:
 * GH_SYSTEM (memory). A profile that lcms cannot read is no error: the photo is published without
 * it.
 */
#include "pipeline/photo/colour.h"

#include "base/str.h"
#include "pipeline/photo/resample.h"

#include <lcms2.h>
#include <math.h>
#include <string.h>

static void profile_free(cmsHPROFILE *p)
{
    if (*p)
        cmsCloseProfile(*p);
    *p = NULL;
}

static void transform_free(cmsHTRANSFORM *t)
{
    if (*t)
        cmsDeleteTransform(*t);
    *t = NULL;
}

static void ignore_error(cmsContext context, cmsUInt32Number code, const char *text)
{
    (void)context;
    (void)code;
    (void)text;
}

int gh_colour_warm(struct gh_err *err)
{
    cmsSetLogErrorHandler(ignore_error);
    GH_AUTO(profile_free) cmsHPROFILE srgb = cmsCreate_sRGBProfile();
    return srgb ? 0 : gh_fail(err, GH_SYSTEM, "lcms cannot make an sRGB profile");
}

/* ------------------------------------------------------------------------------------- profiles */

/* How far a profile's primaries and curve may be from those of sRGB to be taken as sRGB: a level or
 * two of 255 in the brightest colours. */
#define PRIMARY_OFF 0.003
#define CURVE_OFF 0.006

/* Compares with the D50-adapted colorants of sRGB in ICC's own profiles. */
static bool has_srgb_primaries(cmsHPROFILE p)
{
    static const struct {
        cmsTagSignature tag;
        double x, y, z;
    } srgb[] = {
        {cmsSigRedColorantTag, 0.4361, 0.2225, 0.0139},
        {cmsSigGreenColorantTag, 0.3851, 0.7169, 0.0971},
        {cmsSigBlueColorantTag, 0.1431, 0.0606, 0.7141},
    };
    for (size_t i = 0; i < GH_LEN(srgb); i++) {
        const cmsCIEXYZ *c = cmsIsTag(p, srgb[i].tag) ? cmsReadTag(p, srgb[i].tag) : NULL;
        if (!c || fabs(c->X - srgb[i].x) > PRIMARY_OFF || fabs(c->Y - srgb[i].y) > PRIMARY_OFF ||
            fabs(c->Z - srgb[i].z) > PRIMARY_OFF)
            return false;
    }
    const cmsToneCurve *curve =
        cmsIsTag(p, cmsSigGreenTRCTag) ? cmsReadTag(p, cmsSigGreenTRCTag) : NULL;
    static const double at[][2] = {
        {0.1, 0.01002}, {0.25, 0.05088}, {0.5, 0.21404}, {0.75, 0.52252}};
    for (size_t i = 0; curve && i < GH_LEN(at); i++)
        if (fabs(cmsEvalToneCurveFloat(curve, (float)at[i][0]) - at[i][1]) > CURVE_OFF)
            return false;
    return curve != NULL;
}

bool gh_icc_is_srgb(const void *icc, size_t n, char ret_name[48])
{
    char name[48] = "";
    GH_AUTO(profile_free)
    cmsHPROFILE p = n <= UINT32_MAX ? cmsOpenProfileFromMem(icc, (cmsUInt32Number)n) : NULL;
    if (p)
        cmsGetProfileInfoASCII(p, cmsInfoDescription, "en", "US", name, sizeof(name));
    name[sizeof(name) - 1] = '\0';
    for (char *c = name; *c; c++)
        if (*c < 0x20 || *c > 0x7e)
            *c = '?';
    if (ret_name)
        memcpy(ret_name, name, sizeof(name));
    if (!p || cmsGetColorSpace(p) != cmsSigRgbData)
        return false;
    bool lut = cmsIsTag(p, cmsSigAToB0Tag);
    return (!lut && has_srgb_primaries(p)) || !strncmp(name, "sRGB IEC61966-2", 15);
}

/* ----------------------------------------------------------------------------------- arithmetic */

/* BT.601 in 16-bit fixed point, as JPEG defines it. */
#define FIX(v) ((int32_t)((v)*65536 + 0.5))

static inline uint8_t clip(int32_t v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

static void row_to_rgb(const uint8_t *restrict y, const uint8_t *restrict cb,
                       const uint8_t *restrict cr, uint8_t *restrict rgb, uint32_t w)
{
    for (uint32_t x = 0; x < w; x++) {
        int32_t l = (y[x] << 16) + 32768, b = cb[x] - 128, r = cr[x] - 128;
        rgb[3 * x] = clip((l + FIX(1.402) * r) >> 16);
        rgb[3 * x + 1] = clip((l - FIX(0.344136) * b - FIX(0.714136) * r) >> 16);
        rgb[3 * x + 2] = clip((l + FIX(1.772) * b) >> 16);
    }
}

static void row_from_rgb(const uint8_t *restrict rgb, uint8_t *restrict y, uint8_t *restrict cb,
                         uint8_t *restrict cr, uint32_t w)
{
    const int32_t half = 32768, centre = (128 << 16) + 32767;
    for (uint32_t x = 0; x < w; x++) {
        int32_t r = rgb[3 * x], g = rgb[3 * x + 1], b = rgb[3 * x + 2];
        y[x] = (uint8_t)((FIX(0.299) * r + FIX(0.587) * g + FIX(0.114) * b + half) >> 16);
        cb[x] = clip((FIX(0.5) * b - FIX(0.168736) * r - FIX(0.331264) * g + centre) >> 16);
        cr[x] = clip((FIX(0.5) * r - FIX(0.418688) * g - FIX(0.081312) * b + centre) >> 16);
    }
}

int gh_planes_from_rgb(const uint8_t *rgb, size_t stride, uint32_t w, uint32_t h,
                       struct gh_planes *ret, struct gh_err *err)
{
    struct gh_planes out;
    TRY(gh_planes_new(w, h, 3, 0, 0, 0, &out, err));
    for (uint32_t y = 0; y < h; y++)
        row_from_rgb(rgb + stride * y, out.p[0].data + out.p[0].stride * y,
                     out.p[1].data + out.p[1].stride * y, out.p[2].data + out.p[2].stride * y, w);
    *ret = out;
    return 0;
}

/* ----------------------------------------------------------------------------------- conversion */

/* The picture with chroma at the size of luma, whatever its size was. */
static int full_chroma(const struct gh_planes *p, struct gh_planes *ret, struct gh_err *err)
{
    GH_AUTO_PLANES out = {0};
    TRY(gh_planes_new(p->w, p->h, 3, 0, 0, 0, &out, err));
    const struct gh_plane *y = &p->p[0];
    TRY(gh_resample(p, y->x0, y->y0, p->w / y->dx, p->h / y->dy, GH_KERNEL_SOFT, &out, err));
    *ret = gh_planes_steal(&out);
    return 0;
}

static int convert_planes(struct gh_planes *p, cmsHTRANSFORM t, struct gh_err *err)
{
    GH_AUTO_PLANES full = {0};
    TRY(full_chroma(p, &full, err));
    GH_AUTO_FREE uint8_t *rgb = malloc((size_t)p->w * 3 + 16);
    if (!rgb)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    for (uint32_t y = 0; y < p->h; y++) {
        uint8_t *row[3];
        for (int i = 0; i < 3; i++)
            row[i] = full.p[i].data + full.p[i].stride * y;
        row_to_rgb(row[0], row[1], row[2], rgb, p->w);
        cmsDoTransform(t, rgb, rgb, p->w);
        row_from_rgb(rgb, row[0], row[1], row[2], p->w);
    }
    const struct gh_plane *l = &p->p[0];
    double x0 = l->x0, y0 = l->y0, w = p->w / l->dx, h = p->h / l->dy;
    struct gh_planes out = {0};
    TRY(gh_planes_new(p->w, p->h, 3, p->p[1].w == p->w && p->p[1].h == p->h ? 0 : 1, 0, 0, &out,
                      err));
    int r = gh_resample(&full, x0, y0, w, h, GH_KERNEL_SOFT, &out, err);
    if (r < 0) {
        gh_planes_free(&out);
        return r;
    }
    gh_planes_free(p);
    *p = out;
    return 0;
}

static int convert_from(struct gh_planes *p, cmsHPROFILE from, struct gh_err *err)
{
    GH_AUTO(profile_free) cmsHPROFILE srgb = cmsCreate_sRGBProfile();
    if (!from || !srgb || p->n != 3 || cmsGetColorSpace(from) != cmsSigRgbData)
        return 0;
    GH_AUTO(transform_free)
    cmsHTRANSFORM t =
        cmsCreateTransform(from, TYPE_RGB_8, srgb, TYPE_RGB_8, INTENT_RELATIVE_COLORIMETRIC,
                           cmsFLAGS_BLACKPOINTCOMPENSATION);
    return t ? convert_planes(p, t, err) : 0;
}

int gh_planes_to_srgb(struct gh_planes *p, const void *icc, size_t n, struct gh_err *err)
{
    if (gh_icc_is_srgb(icc, n, NULL))
        return 0;
    GH_AUTO(profile_free) cmsHPROFILE from = cmsOpenProfileFromMem(icc, (cmsUInt32Number)n);
    return convert_from(p, from, err);
}

/* A profile of these primaries with the curve of sRGB; NULL where they are shown as they are. */
static cmsHPROFILE profile_of(const struct gh_cicp *cicp)
{
    static const cmsCIExyYTRIPLE p3 = {{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}},
                                 bt2020 = {{0.708, 0.292, 1}, {0.170, 0.797, 1}, {0.131, 0.046, 1}};
    /* IEC 61966-2-1 */
    static const double curve[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
    enum gh_colour colour = gh_cicp_colour(cicp);
    if (colour != GH_COLOUR_PROFILE && colour != GH_COLOUR_BT2020)
        return NULL;
    const cmsCIExyY d65 = {0.3127, 0.3290, 1};
    cmsToneCurve *c = cmsBuildParametricToneCurve(NULL, 4, curve);
    cmsToneCurve *curves[3] = {c, c, c};
    cmsHPROFILE out =
        c ? cmsCreateRGBProfile(&d65, colour == GH_COLOUR_BT2020 ? &bt2020 : &p3, curves) : NULL;
    if (c)
        cmsFreeToneCurve(c);
    return out;
}

int gh_planes_cicp_to_srgb(struct gh_planes *p, const struct gh_cicp *cicp, struct gh_err *err)
{
    GH_AUTO(profile_free) cmsHPROFILE from = profile_of(cicp);
    return from ? convert_from(p, from, err) : 0;
}

size_t gh_cicp_icc(const struct gh_cicp *cicp, void **ret)
{
    GH_AUTO(profile_free) cmsHPROFILE from = profile_of(cicp);
    cmsUInt32Number n = 0;
    if (!from || !cmsSaveProfileToMem(from, NULL, &n) || !n)
        return 0;
    GH_AUTO_FREE void *icc = gh_alloc(n);
    if (!cmsSaveProfileToMem(from, icc, &n))
        return 0;
    *ret = gh_steal(&icc);
    return n;
}
