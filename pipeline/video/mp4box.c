/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A walk over the boxes of MP4 (ISO/IEC 14496-12) and QuickTime files. Which boxes are containers
 * is a table; every size is checked against the enclosing box, the number of boxes and the depth
 * are bounded, at most a few hundred bytes of a box are read. Class: GH_SYSTEM.
 */
#include "pipeline/video/mp4box.h"

#include "base/media.h"
#include "base/str.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_BOXES 20000
#define MAX_DEPTH 12
#define MAX_EDITS 64 /* of a track that are read */
#define MAX_KEYS 64
#define KEY_MAX 64   /* bytes of a key name */
#define HEAD 8       /* bytes of a box before its contents: size and type */
#define WIDE_HEAD 16 /* … with a size of 64 bits */
#define NORMAL_RATE 0x10000

#define FOURCC(a, b, c, d)                                                                         \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
#define BOX(s) FOURCC((uint8_t)(s)[0], (uint8_t)(s)[1], (uint8_t)(s)[2], (uint8_t)(s)[3])

struct edit {
    uint64_t duration; /* movie time scale */
    int64_t media_time;
    uint32_t rate;
};

struct track {
    uint32_t handler, timescale;
    uint64_t duration;
    int64_t first_cts;
    struct edit edits[MAX_EDITS];
    uint32_t n_edits;
    bool too_many;
};

struct walk {
    int fd;
    struct gh_mp4 *out;
    struct track track;
    uint32_t movie_scale, boxes;
};

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t be64(const uint8_t *p)
{
    return (uint64_t)be32(p) << 32 | be32(p + 4);
}

/* Read n bytes at an offset; beyond the end they are zero. */
static void read_at(const struct walk *w, uint64_t at, uint64_t end, uint8_t *buf, size_t n)
{
    memset(buf, 0, n);
    if (at >= end)
        return;
    n = GH_MIN(n, end - at);
    while (pread(w->fd, buf, n, (off_t)at) < 0 && errno == EINTR)
        ;
}

static void on_mvhd(struct walk *w, uint64_t at, uint64_t end)
{
    uint8_t b[24];
    read_at(w, at, end, b, sizeof(b));
    w->movie_scale = be32(b + (b[0] == 1 ? 20 : 12));
    if (b[0] == 1 ? be64(b + 4) : be32(b + 4))
        w->out->meta |= GH_META(DATE);
}

static void on_mdhd(struct walk *w, uint64_t at, uint64_t end)
{
    uint8_t b[32];
    read_at(w, at, end, b, sizeof(b));
    w->track.timescale = be32(b + (b[0] == 1 ? 20 : 12));
    w->track.duration = b[0] == 1 ? be64(b + 24) : be32(b + 16);
}

static void on_hdlr(struct walk *w, uint64_t at, uint64_t end)
{
    uint8_t b[12];
    read_at(w, at, end, b, sizeof(b));
    if (!w->track.handler) /* the first is in mdia; QuickTime has another in minf */
        w->track.handler = be32(b + 8);
}

static void on_elst(struct walk *w, uint64_t at, uint64_t end)
{
    uint8_t b[20];
    read_at(w, at, end, b, 8);
    bool wide = b[0] == 1;
    uint32_t n = be32(b + 4), size = wide ? 20 : 12;
    w->out->edit_list = true; /* some platforms refuse even an empty one */
    w->out->edits = GH_MAX(w->out->edits, n);
    w->track.too_many = n > MAX_EDITS;
    for (uint32_t i = 0; i < n && i < MAX_EDITS; i++) {
        read_at(w, at + 8 + (uint64_t)i * size, end, b, size);
        w->track.edits[w->track.n_edits] = (struct edit){
            .duration = wide ? be64(b) : be32(b),
            .media_time = wide ? (int64_t)be64(b + 8) : (int32_t)be32(b + 4),
            .rate = be32(b + (wide ? 16 : 8)),
        };
        if (w->track.n_edits < MAX_EDITS - 1)
            w->track.n_edits++;
    }
}

static void on_ctts(struct walk *w, uint64_t at, uint64_t end)
{
    uint8_t b[16];
    read_at(w, at, end, b, sizeof(b));
    if (be32(b + 4))
        w->track.first_cts = (int32_t)be32(b + 12);
}

#define MAX_ENTRIES 16 /* of a sample description that are read */

/* The names under which sample entries hide the codec of what is encrypted. */
static void on_stsd(struct walk *w, uint64_t at, uint64_t end)
{
    static const char *const names[] = {"encv", "enca", "drmi", "drms", "drmv", "drma"};
    uint8_t b[8];
    read_at(w, at, end, b, sizeof(b));
    uint32_t n = GH_MIN(be32(b + 4), MAX_ENTRIES);
    at += 8;
    for (uint32_t i = 0; i < n && at + HEAD <= end; i++) {
        read_at(w, at, end, b, sizeof(b));
        for (size_t k = 0; k < GH_LEN(names); k++)
            w->out->encrypted |= BOX(names[k]) == be32(b + 4);
        if (be32(b) < HEAD)
            return;
        at += be32(b);
    }
}

/* What a name in udta, ilst or keys stands for: four-character codes of Apple and 3GPP, key names
 * of Apple and Android. */
static const struct {
    const char *name;
    uint32_t meta;
} names[] = {
    {"\251xyz", GH_META(GPS)},        {"loci", GH_META(GPS)},
    {"location", GH_META(GPS)},       {"\251mak", GH_META(CAMERA)},
    {"\251mod", GH_META(CAMERA)},     {"\251fmt", GH_META(CAMERA)},
    {"CNMN", GH_META(CAMERA)},        {"manufacturer", GH_META(CAMERA)},
    {"make", GH_META(CAMERA)},        {"model", GH_META(CAMERA)},
    {"capture.fps", GH_META(CAMERA)}, {"\251day", GH_META(DATE)},
    {"creationdate", GH_META(DATE)},  {"\251too", GH_META(ENCODER)},
    {"\251enc", GH_META(ENCODER)},    {"\251swr", GH_META(SOFTWARE)},
    {"software", GH_META(SOFTWARE)},  {"version", GH_META(SOFTWARE)},
    {"\251cmt", GH_META(COMMENT)},    {"comment", GH_META(COMMENT)},
    {"\251des", GH_META(CAPTION)},    {"desc", GH_META(CAPTION)},
    {"dscp", GH_META(CAPTION)},       {"titl", GH_META(CAPTION)},
    {"\251nam", GH_META(CAPTION)},    {"\251inf", GH_META(CAPTION)},
    {"\251ART", GH_META(CREDIT)},     {"\251aut", GH_META(CREDIT)},
    {"\251cpy", GH_META(CREDIT)},     {"cprt", GH_META(CREDIT)},
    {"auth", GH_META(CREDIT)},        {"author", GH_META(CREDIT)},
    {"artist", GH_META(CREDIT)},      {"covr", GH_META(THUMBNAIL)},
    {"thmb", GH_META(THUMBNAIL)},     {"XMP_", GH_META(XMP)},
    {"chpl", GH_META(CHAPTERS)},      {"slno", GH_META(SERIAL)},
    {"serial", GH_META(SERIAL)},      {"CAME", GH_META(SERIAL)},
};

static uint32_t meta_of_code(const char *code)
{
    for (size_t i = 0; i < GH_LEN(names); i++)
        if (!memcmp(names[i].name, code, 4) && names[i].name[4] == 0)
            return names[i].meta;
    return 0;
}

static uint32_t meta_of_key(const char *key)
{
    uint32_t meta = 0;
    for (size_t i = 0; i < GH_LEN(names); i++)
        if (strlen(names[i].name) > 3 && (uint8_t)names[i].name[0] < 0x80 &&
            strcasestr(key, names[i].name))
            meta |= names[i].meta;
    return meta;
}

static void on_keys(struct walk *w, uint64_t at, uint64_t end)
{
    uint8_t b[72];
    read_at(w, at, end, b, 8);
    uint32_t n = GH_MIN(be32(b + 4), MAX_KEYS);
    at += 8;
    for (uint32_t i = 0; i < n && at + 8 <= end; i++) {
        read_at(w, at, end, b, 8);
        uint32_t size = be32(b);
        if (size < 8 || size > end - at)
            return;
        char key[KEY_MAX + 1] = "";
        read_at(w, at + 8, at + size, (uint8_t *)key, sizeof(key) - 1);
        w->out->meta |= meta_of_key(key) | GH_META(UDTA);
        at += size;
    }
}

/* An XMP packet, or a private box of some maker. */
static void on_uuid(struct walk *w, uint64_t at, uint64_t end)
{
    static const uint8_t xmp[16] = {0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9, 0x42, 0xe8,
                                    0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf, 0xac};
    uint8_t b[16];
    read_at(w, at, end, b, sizeof(b));
    w->out->meta |= memcmp(b, xmp, sizeof(xmp)) ? GH_META(UNKNOWN) : GH_META(XMP);
}

static const struct {
    const char name[5];
    bool container;
    uint8_t skip; /* bytes before the children */
    void (*read)(struct walk *w, uint64_t at, uint64_t end);
} known[] = {
    {"moov", true, 0, NULL},     {"trak", true, 0, NULL},     {"edts", true, 0, NULL},
    {"mdia", true, 0, NULL},     {"minf", true, 0, NULL},     {"stbl", true, 0, NULL},
    {"udta", true, 0, NULL},     {"ilst", true, 0, NULL},     {"meta", true, 4, NULL},
    {"mvhd", false, 0, on_mvhd}, {"mdhd", false, 0, on_mdhd}, {"hdlr", false, 0, on_hdlr},
    {"elst", false, 0, on_elst}, {"ctts", false, 0, on_ctts}, {"keys", false, 0, on_keys},
    {"uuid", false, 0, on_uuid}, {"stsd", false, 0, on_stsd},
};

/* An edit may leave out this many seconds: of sound the priming of AAC encoders (1024 to 2624
 * samples), of the picture a rounding of one picture at either end. */
#define VIDEO_SLACK_S 0.05
#define AUDIO_SLACK_S 0.1

/* Whether the track's edits hide something, or change its speed. */
static void judge_edits(struct walk *w)
{
    const struct track *t = &w->track;
    bool video = t->handler == BOX("vide");
    if ((!video && t->handler != BOX("soun")) || !t->n_edits || !t->timescale || !w->movie_scale)
        return;
    double slack = video ? VIDEO_SLACK_S : AUDIO_SLACK_S,
           length = (double)t->duration / t->timescale;
    uint32_t real = 0;
    for (uint32_t i = 0; i < t->n_edits; i++) {
        const struct edit *e = &t->edits[i];
        double duration = (double)e->duration / w->movie_scale;
        if (e->media_time < 0) { /* an empty edit delays what follows */
            w->out->edit_trims = w->out->edit_trims || i > 0 || (video && duration > slack);
            continue;
        }
        double start = (double)(e->media_time - (video ? t->first_cts : 0)) / t->timescale;
        bool cut = e->duration && length - start - duration > slack;
        w->out->edit_trims =
            w->out->edit_trims || ++real > 1 || start > slack || cut || e->rate != NORMAL_RATE;
    }
    w->out->edit_trims = w->out->edit_trims || t->too_many;
}

static void end_track(struct walk *w)
{
    judge_edits(w);
    if (w->track.handler != BOX("vide") && w->track.handler != BOX("soun"))
        w->out->meta |= GH_META(DATA_TRACK);
}

static void walk_boxes(struct walk *w, uint64_t at, uint64_t end, uint32_t parent, unsigned depth);

static void visit_box(struct walk *w, uint32_t type, const uint8_t *code, uint64_t at, uint64_t end,
                      uint32_t parent, unsigned depth)
{
    if (depth == 0 && type == BOX("moov"))
        w->out->moov_first = !w->out->mdat;
    w->out->mdat |= depth == 0 && type == BOX("mdat");
    w->out->fragmented |= (depth == 0 && type == BOX("moof")) || type == BOX("mvex");
    if ((parent == BOX("udta") || parent == BOX("ilst")) && type)
        w->out->meta |= GH_META(UDTA) | meta_of_code((const char *)code);
    if (parent == BOX("tref"))
        return;
    bool track = type == BOX("trak");
    if (track)
        memset(&w->track, 0, sizeof(w->track));
    for (size_t i = 0; i < GH_LEN(known); i++) {
        if (BOX(known[i].name) != type)
            continue;
        uint64_t skip = known[i].skip;
        if (type == BOX("meta")) {
            /* in QuickTime files it has no version: its first child's size is in that place */
            uint8_t b[8];
            read_at(w, at, end, b, sizeof(b));
            skip = be32(b + 4) == BOX("hdlr") ? 0 : 4;
        }
        if (known[i].read)
            known[i].read(w, at, end);
        if (known[i].container && depth < MAX_DEPTH)
            walk_boxes(w, GH_MIN(at + skip, end), end, type, depth + 1);
    }
    if (track)
        end_track(w);
}

static void walk_boxes(struct walk *w, uint64_t at, uint64_t end, uint32_t parent, unsigned depth)
{
    while (at + HEAD <= end && w->boxes++ < MAX_BOXES) {
        uint8_t head[WIDE_HEAD];
        read_at(w, at, end, head, sizeof(head));
        uint64_t size = be32(head), skip = HEAD;
        if (size == 1) {
            size = be64(head + 8);
            skip = WIDE_HEAD;
        } else if (size == 0) {
            size = end - at;
        }
        if (size < skip || size > end - at) {
            if (size < skip)
                return;
            size = end - at; /* truncated: read what there is */
        }
        visit_box(w, be32(head + 4), head + 4, at + skip, at + size, parent, depth);
        at += size;
    }
}

int gh_mp4_read(int fd, struct gh_mp4 *ret, struct gh_err *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot read the file's size");
    struct gh_mp4 out = {0};
    struct walk w = {.fd = fd, .out = &out};
    walk_boxes(&w, 0, (uint64_t)st.st_size, 0, 0);
    *ret = out;
    return 0;
}
