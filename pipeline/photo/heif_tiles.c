/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decoding of HEIF tiles, all by one decoder: a tile's index is its packet's time stamp, and as
 * many frames must come out as packets went in. Classes: GH_INPUT, GH_SKIP, GH_SYSTEM.
 */
#include "pipeline/photo/heif_tiles.h"

#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>
#include <libavutil/imgutils.h>
#include <stdbool.h>
#include <string.h>

#define ALIGNMENT 128 /* pixels that a decoder's picture may go beyond a tile's edges, each way */

static int open_decoder(const struct gh_heif *heif, AVCodecContext **ret, struct gh_err *err)
{
    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_HEVC);
    GH_AUTO(avcodec_free_context)
    AVCodecContext *dec = codec ? avcodec_alloc_context3(codec) : NULL;
    if (!dec)
        return gh_fail(err, GH_SKIP, "no HEVC decoder");
    dec->extradata = av_mallocz(heif->hvcc.len + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!dec->extradata)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    memcpy(dec->extradata, heif->hvcc.at, heif->hvcc.len);
    dec->extradata_size = (int)heif->hvcc.len;
    dec->thread_count = 1; /* photos run beside each other, one core each */
    dec->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
    dec->max_pixels = ((int64_t)heif->tile_w + ALIGNMENT) * ((int64_t)heif->tile_h + ALIGNMENT);
    if (avcodec_open2(dec, codec, NULL) < 0)
        return gh_fail(err, GH_SKIP, "the HEVC decoder refuses the stream header");
    *ret = gh_steal(&dec);
    return 0;
}

static bool is_usable(const struct gh_heif *heif, const AVFrame *f)
{
    bool full = f->format == AV_PIX_FMT_YUVJ420P ||
                (f->format == AV_PIX_FMT_YUV420P && f->color_range == AVCOL_RANGE_JPEG);
    bool bt601 = f->colorspace == AVCOL_SPC_UNSPECIFIED || f->colorspace == AVCOL_SPC_BT470BG ||
                 f->colorspace == AVCOL_SPC_SMPTE170M;
    /* the cropped size of the stream must be what the ispe property says */
    return full && bt601 && f->width == (int)heif->tile_w && f->height == (int)heif->tile_h;
}

/* Copy one tile to its place; tiles at the edges overhang the canvas and are cut. */
static void paste_tile(const struct gh_heif *heif, const AVFrame *tile, uint32_t index,
                       AVFrame *canvas)
{
    uint32_t x = index % heif->cols * heif->tile_w, y = index / heif->cols * heif->tile_h;
    uint32_t w = GH_MIN(heif->tile_w, heif->w - x), h = GH_MIN(heif->tile_h, heif->h - y);
    for (int p = 0; p < 3; p++) {
        int shift = p ? 1 : 0;
        uint8_t *dst =
            canvas->data[p] + (ptrdiff_t)(y >> shift) * canvas->linesize[p] + (x >> shift);
        av_image_copy_plane(dst, canvas->linesize[p], tile->data[p], tile->linesize[p],
                            (int)((w + (uint32_t)shift) >> shift),
                            (int)((h + (uint32_t)shift) >> shift));
    }
}

static int receive_tiles(const struct gh_heif *heif, AVCodecContext *dec, AVFrame *tile,
                         AVFrame *canvas, uint8_t *seen, uint32_t *n, struct gh_err *err)
{
    for (;;) {
        int r = avcodec_receive_frame(dec, tile);
        if (r == AVERROR(EAGAIN) || r == AVERROR_EOF)
            return 0;
        if (r < 0)
            return gh_fail(err, GH_INPUT, "damaged picture: a tile cannot be decoded");
        if (!is_usable(heif, tile))
            return gh_fail(err, GH_SKIP, "tile format: not for the fast path");
        if (tile->pts < 0 || tile->pts >= heif->n_tiles || seen[tile->pts] ||
            (tile->flags & AV_FRAME_FLAG_CORRUPT) || tile->decode_error_flags)
            return gh_fail(err, GH_INPUT, "damaged picture: a tile is incomplete");
        seen[tile->pts] = 1;
        paste_tile(heif, tile, (uint32_t)tile->pts, canvas);
        (*n)++;
    }
}

int gh_heif_decode(const struct gh_heif *heif, AVFrame **ret, struct gh_err *err)
{
    GH_AUTO(avcodec_free_context) AVCodecContext *dec = NULL;
    TRY(open_decoder(heif, &dec, err));
    GH_AUTO(av_frame_free) AVFrame *canvas = av_frame_alloc();
    GH_AUTO(av_frame_free) AVFrame *tile = av_frame_alloc();
    GH_AUTO(av_packet_free) AVPacket *packet = av_packet_alloc();
    if (!canvas || !tile || !packet)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    canvas->format = AV_PIX_FMT_YUVJ420P;
    canvas->width = (int)heif->w;
    canvas->height = (int)heif->h;
    canvas->color_range = AVCOL_RANGE_JPEG;
    canvas->colorspace = AVCOL_SPC_BT470BG;
    if (av_frame_get_buffer(canvas, 0) < 0)
        return gh_fail(err, GH_SYSTEM, "out of memory for %u × %u pixels", heif->w, heif->h);
    uint8_t seen[GH_HEIF_MAX_TILES] = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i <= heif->n_tiles; i++) {
        bool flush = i == heif->n_tiles;
        if (!flush) {
            /* A copy, for the padding decoders need: the file may end right after the tile. */
            if (av_new_packet(packet, (int)heif->tiles[i].len) < 0)
                return gh_fail(err, GH_SYSTEM, "out of memory");
            memcpy(packet->data, heif->tiles[i].at, heif->tiles[i].len);
            packet->pts = i;
        }
        int r = avcodec_send_packet(dec, flush ? NULL : packet);
        av_packet_unref(packet);
        if (r < 0)
            return gh_fail(err, GH_INPUT, "damaged picture: tile %u of %u cannot be decoded", i + 1,
                           heif->n_tiles);
        TRY(receive_tiles(heif, dec, tile, canvas, seen, &n, err));
    }
    if (n != heif->n_tiles)
        return gh_fail(err, GH_INPUT, "damaged picture: %u of %u tiles decoded", n, heif->n_tiles);
    *ret = gh_steal(&canvas);
    return 0;
}
