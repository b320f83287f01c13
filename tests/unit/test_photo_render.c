/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Photos end to end, without daemon or sandbox: files made here (and those of ../shared/corpus when
 * it is there) are probed, rendered with hand-made recipes, and the outputs decoded again by
 * libjpeg's own RGB interface.
 */
#include "tests/unit/test.h"

#include "base/file.h"
#include "pipeline/child/media.h"
#include "pipeline/photo/jpeg_write.h"
#include "pipeline/photo/photo.h"
#include "pipeline/photo/planes.h"

#include <dirent.h>
#include <jpeglib.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>

#define CORPUS "../shared/corpus/"

static struct gh_result results[16];

static void on_progress(void *arg, unsigned permille)
{
    (void)arg;
    assert_in_range(permille, 0, 1000);
}

static void on_result(void *arg, const struct gh_result *result)
{
    (void)arg;
    results[result->index] = *result;
}

static struct gh_ctx context(void)
{
    return (struct gh_ctx){
        .limits = gh_limits_default(), .threads = 1, .progress = on_progress, .result = on_result};
}

static int memory_file(const void *bytes, size_t n)
{
    int fd = memfd_create("photo", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    return fd;
}

/* -- pictures of our own: four coloured quarters and a fine pattern, so that nothing can be
 * mirrored unnoticed -- */
static void draw(struct gh_planes *p)
{
    static const uint32_t quarters[] = {0xd03020, 0x20b040, 0x2040d0, 0xe0d020};
    for (int i = 0; i < 3; i++)
        for (uint32_t y = 0; y < p->p[i].h; y++)
            for (uint32_t x = 0; x < p->p[i].w; x++) {
                uint8_t ycc[3];
                gh_ycc_of(quarters[(x * 2 >= p->p[i].w) + 2 * (y * 2 >= p->p[i].h)], ycc);
                p->p[i].data[p->p[i].stride * y + x] =
                    (uint8_t)(ycc[i] + (i ? 0 : (int)(20 * sin(x * 0.2) * cos(y * 0.13))));
            }
}

/* The upright picture as a file stored with this orientation. */
static int photo_file(uint32_t w, uint32_t h, uint32_t orient)
{
    static const uint32_t inverse[9] = {1, 1, 2, 3, 4, 5, 8, 7, 6};
    struct gh_err err = {0};
    GH_AUTO_PLANES up = {0};
    GH_AUTO_PLANES stored = {0};
    GH_AUTO_FREE uint8_t *bytes = NULL;
    size_t n;
    OK(gh_planes_new(w, h, 3, 0, 0, 0, &up, &err));
    draw(&up);
    OK(gh_planes_turn(&up, inverse[orient], &stored, &err));
    uint8_t exif[] = "Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\0\0\0\0\0\0\0";
    exif[25] = (uint8_t)orient;
    struct gh_segment segment = {0xe1, exif, sizeof(exif) - 1};
    struct gh_jpeg_out how = {.quality = 96, .segments = &segment, .n_segments = 1};
    OK(gh_jpeg_encode(&stored, &how, &bytes, &n, &err));
    return memory_file(bytes, n);
}

struct rgb {
    uint32_t w, h;
    uint8_t *px;
};

static struct rgb decode(int fd)
{
    struct gh_err err = {0};
    struct rgb out = {0};
    char *bytes;
    size_t n;
    struct jpeg_decompress_struct j;
    struct jpeg_error_mgr e;
    lseek(fd, 0, SEEK_SET);
    OK(gh_read_fd(fd, 100u << 20, &bytes, &n, &err));
    j.err = jpeg_std_error(&e);
    jpeg_create_decompress(&j);
    jpeg_mem_src(&j, (unsigned char *)bytes, n);
    jpeg_read_header(&j, TRUE);
    j.out_color_space = JCS_RGB;
    jpeg_start_decompress(&j);
    out = (struct rgb){j.output_width, j.output_height,
                       malloc((size_t)j.output_width * j.output_height * 3)};
    while (j.output_scanline < j.output_height) {
        uint8_t *row = out.px + (size_t)j.output_scanline * out.w * 3;
        jpeg_read_scanlines(&j, &row, 1);
    }
    jpeg_finish_decompress(&j);
    assert_int_equal(e.num_warnings, 0);
    jpeg_destroy_decompress(&j);
    free(bytes);
    return out;
}

static double psnr(const struct rgb *a, const struct rgb *b)
{
    double error = 0;
    size_t n = (size_t)a->w * a->h * 3;
    assert_int_equal(a->w, b->w);
    assert_int_equal(a->h, b->h);
    for (size_t i = 0; i < n; i++)
        error += (double)(a->px[i] - b->px[i]) * (a->px[i] - b->px[i]);
    return error > 0 ? 10 * log10(255.0 * 255 * (double)n / error) : 99;
}

static void assert_colour(const struct rgb *p, uint32_t x, uint32_t y, uint32_t rgb, int slack)
{
    for (int c = 0; c < 3; c++) {
        int want = rgb >> (16 - 8 * c) & 255, got = p->px[((size_t)y * p->w + x) * 3 + (size_t)c];
        if (abs(want - got) > slack)
            fail_msg("at %u,%u of %ux%u: channel %d is %d, not %d", x, y, p->w, p->h, c, got, want);
    }
}

/* -- recipes as the planner would make them -- */
static struct gh_recipe inside(const struct gh_probe *probe, uint32_t box)
{
    double f = GH_MIN(1.0, (double)box / GH_MAX(probe->w, probe->h));
    struct gh_recipe r = {.media = GH_PHOTO, .photo = {.quality = 92, .quality_min = 60}};
    r.pic = (struct gh_pic){.media = GH_PHOTO,
                            .align = 1,
                            .orient = probe->orient,
                            .src_w = probe->w,
                            .src_h = probe->h,
                            .crop = {0, 0, probe->w, probe->h},
                            .content_w = GH_MAX((uint32_t)(probe->w * f + 0.5), 1u),
                            .content_h = GH_MAX((uint32_t)(probe->h * f + 0.5), 1u),
                            .background = 0xffffff};
    r.pic.canvas_w = r.pic.content_w;
    r.pic.canvas_h = r.pic.content_h;
    return r;
}

static struct gh_recipe on_canvas(const struct gh_probe *probe, uint32_t w, uint32_t h,
                                  enum gh_pad pad, uint32_t rgb)
{
    struct gh_recipe r = inside(probe, GH_MAX(w, h));
    double f = GH_MIN((double)w / probe->w, (double)h / probe->h);
    r.pic.content_w = (uint32_t)(probe->w * f + 0.5);
    r.pic.content_h = (uint32_t)(probe->h * f + 0.5);
    r.pic.canvas_w = w;
    r.pic.canvas_h = h;
    r.pic.x = (w - r.pic.content_w) / 2;
    r.pic.y = (h - r.pic.content_h) / 2;
    r.pic.pad = pad;
    r.pic.pad_rgb = rgb;
    return r;
}

static struct gh_probe probed(int fd)
{
    struct gh_err err = {0};
    struct gh_ctx ctx = context();
    struct gh_probe p = {0};
    OK(gh_probe_media(&ctx, fd, GH_PROBE_HEADER, &p, &err));
    OK(gh_probe_check(&p, &err));
    return p;
}

/* Render n recipes of one file; every output is a descriptor of the caller's. */
static void render(int fd, const struct gh_probe *probe, const struct gh_recipe *recipes, size_t n,
                   int *outs)
{
    struct gh_err err = {0};
    struct gh_ctx ctx = context();
    memset(results, 0xff, sizeof(results));
    for (size_t i = 0; i < n; i++)
        outs[i] = memory_file("", 0);
    OK(gh_photo_render(&ctx, fd, probe, recipes, outs, n, &err));
    for (size_t i = 0; i < n; i++)
        OK(gh_result_check(&results[i], (uint32_t)n, &err));
}

static void all_orientations_are_one_picture(void **state)
{
    (void)state;
    static const uint32_t sizes[][3] = {
        {640, 480, 640}, {401, 297, 401}, {801, 599, 333}, {300, 500, 251}};
    for (size_t s = 0; s < GH_LEN(sizes); s++) {
        struct rgb first = {0};
        for (uint32_t orient = 1; orient <= 8; orient++) {
            GH_AUTO_FD fd = photo_file(sizes[s][0], sizes[s][1], orient);
            struct gh_probe probe = probed(fd);
            assert_int_equal(probe.orient, orient);
            assert_int_equal(probe.w, sizes[s][0]);
            assert_int_equal(probe.h, sizes[s][1]);
            struct gh_recipe recipe = inside(&probe, sizes[s][2]);
            int out;
            render(fd, &probe, &recipe, 1, &out);
            struct rgb got = decode(out);
            close(out);
            assert_colour(&got, got.w / 4, got.h / 4, 0xd03020, 30);
            assert_colour(&got, got.w * 3 / 4, got.h / 4, 0x20b040, 30);
            assert_colour(&got, got.w / 4, got.h * 3 / 4, 0x2040d0, 30);
            if (orient == 1)
                first = got;
            else if (psnr(&first, &got) < 36)
                fail_msg("%ux%u to %u: orientation %u is %.1f dB from 1", sizes[s][0], sizes[s][1],
                         sizes[s][2], orient, psnr(&first, &got));
            if (orient > 1)
                free(got.px);
        }
        free(first.px);
    }
}

static void seven_outputs_of_one_decode(void **state)
{
    (void)state;
    GH_AUTO_FD fd = photo_file(1600, 1200, 6);
    struct gh_probe probe = probed(fd);
    struct gh_recipe recipes[5] = {inside(&probe, 1024), inside(&probe, 512), inside(&probe, 1024),
                                   on_canvas(&probe, 500, 900, GH_PAD_BLUR, 0),
                                   on_canvas(&probe, 501, 901, GH_PAD_COLOUR, 0x123456)};
    recipes[2].photo.quality = 70;
    int outs[5];
    render(fd, &probe, recipes, 5, outs);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(results[i].cls, GH_OK);
        struct rgb got = decode(outs[i]);
        assert_int_equal(got.w, recipes[i].pic.canvas_w);
        assert_int_equal(got.h, recipes[i].pic.canvas_h);
        if (i == 4)
            assert_colour(&got, 250, 20, 0x123456, 4);
        if (i == 3)
            assert_colour(&got, 100, recipes[i].pic.y + 50, 0xd03020, 30);
        free(got.px);
        close(outs[i]);
    }
    assert_true(results[2].bytes < results[0].bytes);
}

static void crops_are_where_they_were_asked(void **state)
{
    (void)state;
    GH_AUTO_FD fd = photo_file(800, 600, 8);
    struct gh_probe probe = probed(fd);
    struct gh_recipe r = inside(&probe, 200);
    r.pic.crop = (struct gh_rect){420, 320, 360, 260}; /* inside the yellow quarter */
    r.pic.content_w = r.pic.canvas_w = 180;
    r.pic.content_h = r.pic.canvas_h = 130;
    r.pic.crop_how = GH_CROP_CENTRE;
    int out;
    render(fd, &probe, &r, 1, &out);
    assert_memory_equal(&results[0].crop, &r.pic.crop, sizeof(r.pic.crop));
    struct rgb got = decode(out);
    for (uint32_t y = 5; y < 130; y += 20)
        for (uint32_t x = 5; x < 180; x += 25)
            assert_colour(&got, x, y, 0xe0d020, 35);
    free(got.px);
    close(out);
}

/* Red balls on grey: what the frame that is told shows is what the output shows. */
static void a_crop_that_moved_is_told(void **state)
{
    (void)state;
    struct gh_err err = {0};
    GH_AUTO_PLANES p = {0};
    GH_AUTO_FREE uint8_t *bytes = NULL;
    size_t n;
    OK(gh_planes_new(1200, 400, 3, 0, 0, 0, &p, &err));
    gh_planes_fill(&p, 0x808080);
    for (uint32_t i = 0; i < 3; i++)
        for (uint32_t y = 100; y < 300; y++)
            for (uint32_t x = 900; x < 1100; x++) {
                uint8_t ycc[3];
                gh_ycc_of(0xd03020, ycc);
                p.p[i].data[p.p[i].stride * y + x] = ycc[i];
            }
    struct gh_jpeg_out how = {.quality = 95};
    OK(gh_jpeg_encode(&p, &how, &bytes, &n, &err));
    GH_AUTO_FD fd = memory_file(bytes, n);
    struct gh_probe probe = probed(fd);
    struct gh_recipe r = inside(&probe, 1200);
    r.pic.crop = (struct gh_rect){400, 0, 400, 400};
    r.pic.content_w = r.pic.canvas_w = r.pic.content_h = r.pic.canvas_h = 400;
    r.pic.crop_how = GH_CROP_ATTENTION;
    int out;
    render(fd, &probe, &r, 1, &out);
    const struct gh_rect *crop = &results[0].crop;
    assert_int_equal(crop->w, 400);
    assert_int_equal(crop->h, 400);
    assert_in_range(crop->x, 700, 800);
    struct rgb got = decode(out);
    assert_colour(&got, 1000 - crop->x, 200, 0xd03020, 20);
    assert_colour(&got, 905 - crop->x, 200, 0xd03020, 20);
    assert_colour(&got, 890 - crop->x, 200, 0x808080, 20);
    free(got.px);
    close(out);
}

/* A scene of blocks, as a camera that moved by so many pixels sees it; blur: out of focus; seed:
 * which scene. */
static struct gh_look look_of(uint32_t seed, uint32_t moved, bool blur, int brighter)
{
    struct gh_err err = {0};
    GH_AUTO_PLANES p = {0};
    GH_AUTO_FREE uint8_t *bytes = NULL;
    size_t n;
    OK(gh_planes_new(960, 720, 3, 0, 0, 0, &p, &err));
    gh_planes_fill(&p, 0x808080);
    for (uint32_t y = 0; y < 720; y++)
        for (uint32_t x = 0; x < 960; x++) {
            uint32_t bx = (x + moved) / 80, by = y / 80,
                     h = (bx * 2654435761u) ^ (by * 40503u * 65537u) ^ (seed * 97531u);
            h = (h ^ h >> 15) * 2246822519u;
            int v = 40 + (int)(h >> 24) * 2 / 3 + brighter;
            if (!blur)
                v += (int)((x + moved) % 4 < 2) * 24 - 12;
            p.p[0].data[p.p[0].stride * y + x] = (uint8_t)GH_CLAMP(v, 0, 255);
        }
    struct gh_jpeg_out how = {.quality = 90};
    OK(gh_jpeg_encode(&p, &how, &bytes, &n, &err));
    GH_AUTO_FD fd = memory_file(bytes, n);
    struct gh_probe probe = probed(fd);
    struct gh_recipe r = inside(&probe, 960);
    int out;
    render(fd, &probe, &r, 1, &out);
    close(out);
    assert_int_equal(results[0].look.known, 1);
    return results[0].look;
}

static void photos_of_one_scene_are_known(void **state)
{
    (void)state;
    struct gh_look first = look_of(1, 0, false, 0), moved = look_of(1, 6, false, 12),
                   blurred = look_of(1, 3, true, 0);
    assert_true(gh_look_distance(&first, &first) == 0);
    assert_true(gh_look_distance(&first, &moved) <= 10);
    assert_true(gh_look_distance(&first, &blurred) <= 10);
    assert_true(blurred.sharp * 2 < first.sharp);
    for (uint32_t seed = 2; seed < 12; seed++) {
        struct gh_look other = look_of(seed, 0, false, 0);
        assert_true(gh_look_distance(&first, &other) > 10);
    }
}

static void bytes_are_kept_within_the_limit(void **state)
{
    (void)state;
    GH_AUTO_FD fd = photo_file(1000, 800, 1);
    struct gh_probe probe = probed(fd);
    struct gh_recipe r[3] = {inside(&probe, 1000), inside(&probe, 1000), inside(&probe, 1000)};
    int outs[3];
    render(fd, &probe, r, 1, outs);
    uint64_t free_size = results[0].bytes;
    close(outs[0]);
    r[0].bytes_max = free_size * 6 / 10; /* quality is enough */
    r[1].bytes_max = free_size / 12;     /* size has to go down as well */
    r[1].photo.shrink_min = 100;
    r[2].bytes_max = 700; /* impossible */
    render(fd, &probe, r, 3, outs);
    assert_int_equal(results[0].cls, GH_OK);
    assert_true(results[0].bytes <= r[0].bytes_max && results[0].bytes > r[0].bytes_max / 2);
    assert_true(results[0].quality < 92 && results[0].attempts <= 4);
    assert_int_equal(results[0].w, 1000);
    assert_int_equal(results[1].cls, GH_OK);
    assert_true(results[1].bytes <= r[1].bytes_max && results[1].w < 1000);
    assert_int_equal(results[2].cls, GH_LIMIT);
    assert_true(strstr(results[2].msg, "700 are allowed") != NULL);
    for (int i = 0; i < 3; i++)
        close(outs[i]);
}

static void smallest_and_longest(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{1, 1}, {2, 1}, {1, 3}, {3000, 2}, {1, 2500}};
    for (size_t s = 0; s < GH_LEN(sizes); s++) {
        GH_AUTO_FD fd = photo_file(sizes[s][0], sizes[s][1], 6);
        struct gh_probe probe = probed(fd);
        struct gh_recipe r[2] = {inside(&probe, 640), on_canvas(&probe, 108, 192, GH_PAD_BLUR, 0)};
        r[1].pic.content_w = GH_MAX(r[1].pic.content_w, 1u);
        r[1].pic.content_h = GH_MAX(r[1].pic.content_h, 1u);
        int outs[2];
        render(fd, &probe, r, 2, outs);
        for (int i = 0; i < 2; i++) {
            struct rgb got = decode(outs[i]);
            assert_int_equal(got.w, r[i].pic.canvas_w);
            free(got.px);
            close(outs[i]);
        }
    }
}

static void limits_are_named_before_decoding(void **state)
{
    (void)state;
    struct gh_err err = {0};
    struct gh_ctx ctx = context();
    struct gh_probe p;
    GH_AUTO_FD fd = photo_file(500, 400, 1);
    ctx.limits.jpeg_pixels = 199999;
    FAILS(GH_LIMIT, gh_probe_media(&ctx, fd, GH_PROBE_HEADER, &p, &err));
    assert_non_null(strstr(err.msg, "500 × 400"));
    GH_AUTO_FD empty = memory_file("", 0);
    FAILS(GH_INPUT, gh_probe_media(&ctx, empty, GH_PROBE_HEADER, &p, &err));
    GH_AUTO_FD text = memory_file("Dear Sir,", 9);
    FAILS(GH_INPUT, gh_probe_media(&ctx, text, GH_PROBE_HEADER, &p, &err));
}

/* Trailing bytes are harmless in an input, and told of an output. */
static void bytes_after_the_end(void **state)
{
    (void)state;
    struct gh_err err = {0};
    struct gh_ctx ctx = context();
    struct gh_probe p;
    GH_AUTO_FD fd = photo_file(64, 64, 1);
    OK(gh_probe_media(&ctx, fd, GH_PROBE_PACKETS, &p, &err));
    assert_int_equal(p.truncated, 0);
    assert_int_equal(p.meta, 0);
    assert_true(write(fd, "motion photo", 12) == 12);
    OK(gh_probe_media(&ctx, fd, GH_PROBE_PACKETS, &p, &err));
    assert_int_equal(p.truncated, 1);
    assert_int_equal(p.meta, GH_META(TRAILER));
}

/* -- the corpus -- */

static const struct {
    const char *file;
    enum gh_class cls; /* of probing or rendering; GH_OK: must pass */
} expected[] = {
    {"hostile/65536-uint32-limit.png", GH_LIMIT},
    {"hostile/corrupt-header.jpg", GH_INPUT},
    {"hostile/corrupted.jpg", GH_INPUT},
    {"hostile/truncated.jpg", GH_INPUT},
    {"hostile/truncated.png", GH_INPUT},
    {"hostile/struct-image-04-t.svg", GH_INPUT},
    {"hostile/giant-image.jpg", GH_OK},
    {"hostile/image00971.jpg", GH_OK},
    {"hostile/image01551.jpg", GH_OK},
    {"photos/p3.png", GH_OK},
    {"photos/prophoto.png", GH_OK},
    {"photos/5_webp_a.webp", GH_OK},
    {"photos/16-bit-grey-alpha.png", GH_OK},
    {"photos/Crash_test.gif", GH_OK},
    {"photos/IMG_2682.heic", GH_OK},
    {"photos/8bit-sRGB.avif", GH_OK},
    {"photos/G31D.TIF", GH_OK},
    {"photos/tifftag-photoshop.tiff", GH_OK},
    {"photos/Channel_digital_image_CMYK_color.jpg", GH_OK},
    {"photos/Channel_digital_image_CMYK_color_no_profile.jpg", GH_OK},
};

static void corpus_passes_or_fails_as_expected(void **state)
{
    (void)state;
    struct gh_err err = {0};
    struct gh_ctx ctx = context();
    if (access(CORPUS, R_OK) != 0)
        skip();
    for (size_t i = 0; i < GH_LEN(expected); i++) {
        char path[256];
        snprintf(path, sizeof(path), CORPUS "%s", expected[i].file);
        GH_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        struct gh_probe p = {0};
        GH_AUTO_FD out = memory_file("", 0);
        int got = gh_probe_media(&ctx, fd, GH_PROBE_HEADER, &p, &err);
        if (got == 0) {
            struct gh_recipe r = inside(&p, 320);
            got = gh_photo_render(&ctx, fd, &p, &r, &out, 1, &err);
        }
        if (got != -(int)expected[i].cls)
            fail_msg("%s: %d (%s)", expected[i].file, got, err.msg);
    }
}

/* Colours that lcms and vips must both have brought to sRGB. */
static void corpus_colours(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        uint32_t rgb;
    } cases[] = {{"photos/p3.png", 0xff0000}, {"metadata/BlueSquare.jpg", 0x0000fe}};
    if (access(CORPUS, R_OK) != 0)
        skip();
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        char path[256];
        snprintf(path, sizeof(path), CORPUS "%s", cases[i].file);
        GH_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
        struct gh_probe p = probed(fd);
        struct gh_recipe r = inside(&p, 2000);
        int out;
        render(fd, &p, &r, 1, &out);
        struct rgb got = decode(out);
        assert_colour(&got, got.w / 2, got.h / 2, cases[i].rgb, 6);
        free(got.px);
        close(out);
    }
}

static void corpus_orientations(void **state)
{
    (void)state;
    if (access(CORPUS, R_OK) != 0)
        skip();
    for (int set = 0; set < 2; set++) {
        struct rgb first = {0};
        for (int o = 1; o <= 8; o++) {
            char path[256];
            snprintf(path, sizeof(path), CORPUS "orientation/%s_%d.jpg",
                     set ? "portrait" : "landscape", o);
            GH_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
            struct gh_probe p = probed(fd);
            assert_int_equal(p.orient, o);
            struct gh_recipe r = inside(&p, 48); /* the digits painted into them vanish */
            int out;
            render(fd, &p, &r, 1, &out);
            struct rgb got = decode(out);
            close(out);
            if (o == 1)
                first = got;
            else if (psnr(&first, &got) < 25)
                fail_msg("%s: %.1f dB", path, psnr(&first, &got));
            if (o > 1)
                free(got.px);
        }
        free(first.px);
    }
}

static int warm(void **state)
{
    struct gh_err err = {0};
    (void)state;
    OK(gh_photo_warm(&err));
    unsigned threads = 0;
    DIR *tasks = opendir("/proc/self/task");
    for (const struct dirent *e; (e = readdir(tasks));)
        threads += e->d_name[0] != '.';
    closedir(tasks);
#if !defined(__SANITIZE_ADDRESS__)
    assert_int_equal(threads, 1);
#endif
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_orientations_are_one_picture),
        cmocka_unit_test(seven_outputs_of_one_decode),
        cmocka_unit_test(crops_are_where_they_were_asked),
        cmocka_unit_test(a_crop_that_moved_is_told),
        cmocka_unit_test(photos_of_one_scene_are_known),
        cmocka_unit_test(bytes_are_kept_within_the_limit),
        cmocka_unit_test(smallest_and_longest),
        cmocka_unit_test(limits_are_named_before_decoding),
        cmocka_unit_test(bytes_after_the_end),
        cmocka_unit_test(corpus_passes_or_fails_as_expected),
        cmocka_unit_test(corpus_colours),
        cmocka_unit_test(corpus_orientations),
    };
    return cmocka_run_group_tests(tests, warm, NULL);
}
