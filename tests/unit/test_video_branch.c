/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A branch's two threads: the caller ends it while the other makes its last pictures. With
 * SAN=thread this is where an access without the lock is found. */
#include "tests/unit/test.h"

#include "pipeline/input/in.h"
#include "pipeline/video/branch.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define W 640
#define H 360
#define PICTURES                                                                                   \
    40 /* that the encode wants: from the middle of the clip's second second on, none */
#define ROUNDS 5

static struct gh_err err;

static AVFrame *grey(int v)
{
    AVFrame *f = av_frame_alloc();
    f->format = AV_PIX_FMT_YUV420P;
    f->width = W;
    f->height = H;
    f->colorspace = AVCOL_SPC_BT709;
    assert_int_equal(av_frame_get_buffer(f, 0), 0);
    for (int i = 0; i < 3; i++)
        memset(f->data[i], i ? 128 : v, (size_t)f->linesize[i] * (H >> !!i));
    return f;
}

static struct gh_recipe recipe(void)
{
    return (struct gh_recipe){
        .media = GH_VIDEO,
        .how = GH_HOW_ENCODE,
        .pic = {.media = GH_VIDEO,
                .align = 2,
                .orient = 1,
                .src_w = W,
                .src_h = H,
                .crop = {0, 0, W, H},
                .content_w = W,
                .content_h = H,
                .canvas_w = W,
                .canvas_h = H,
                .fps = {30, 1},
                .duration_us = 9000000},
        .video = {.profile = "main", .gop_ms = 1000, .crf10 = 230},
    };
}

static void offer(struct gh_branch *b, int second)
{
    AVFrame *f = grey(60 + 20 * second);
    int r;
    while ((r = gh_branch_offer(b, f, second * 1000000, (second + 1) * 1000000, &err)) == 0)
        ;
    OK(r);
    av_frame_free(&f);
}

/*
 * Each picture is shown for a second, so the third lets the branch make those of the second before
 * it: 30, of which it wants 25, and then no more. The queue holds six, so the ninth is in it when
 * the third has left it: from then on the branch encodes.
 */
static struct gh_branch *encoding_branch(const struct gh_ctx *ctx, const struct gh_recipe *r,
                                         int fd)
{
    struct gh_venc_conf conf = {.recipe = r,
                                .fd = fd,
                                .journal = -1,
                                .shelf = -1,
                                .threads = 1,
                                .length_us = r->pic.duration_us};
    struct gh_branch *b = gh_branch_new(ctx, &r->pic);
    struct gh_venc *enc = gh_venc_new(&conf);
    gh_venc_cut(enc, PICTURES, 2);
    gh_branch_add(b, 0, enc);
    for (int second = 0; second < 9; second++)
        offer(b, second);
    return b;
}

static void ends_while_it_encodes(void **state)
{
    (void)state;
    struct gh_ctx ctx = {.limits = gh_limits_default(), .threads = 1};
    struct gh_recipe r = recipe();
    for (int round = 0; round < ROUNDS; round++) {
        int fd = memfd_create("out", MFD_CLOEXEC);
        struct gh_branch *b = encoding_branch(&ctx, &r, fd);
        gh_branch_end(b, r.pic.duration_us);
        while (!gh_branch_wait(b, 1000))
            ;
        size_t n;
        const struct gh_branch_out *out = gh_branch_outs(b, &n);
        assert_int_equal(n, 1);
        assert_false(out->failed);
        assert_non_null(out->enc); /* a piece: it waits to be joined */
        gh_branch_free(&b);
        close(fd);
    }
}

static void stops_while_it_encodes(void **state)
{
    (void)state;
    struct gh_ctx ctx = {.limits = gh_limits_default(), .threads = 1};
    struct gh_recipe r = recipe();
    for (int round = 0; round < ROUNDS; round++) {
        int fd = memfd_create("out", MFD_CLOEXEC);
        struct gh_branch *b = encoding_branch(&ctx, &r, fd);
        gh_branch_free(&b);
        assert_null(b);
        close(fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ends_while_it_encodes),
                                       cmocka_unit_test(stops_while_it_encodes)};
    gh_av_count_complaints();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
