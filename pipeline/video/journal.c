/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file: a head, then records, each a fixed part with the signature, then the bytes of a packet.
 * Structures are written as they are in memory, so only the build that wrote a file can read it.
 * Classes: GH_AGAIN (disk full, or what was kept cannot be read), GH_SYSTEM.
 */
#include "pipeline/video/journal.h"

#include "base/str.h"

#include <errno.h>
#include <libavutil/crc.h>
#include <string.h>
#include <unistd.h>

#define MAGIC 0x4c4a4847u /* "GHJL" */
#define PACKET_MAX (64 << 20)

struct head {
    uint32_t magic, maker, cap, crc;
};

struct record {
    uint32_t crc, size; /* crc: of all that follows it, the packet included */
    uint32_t key, has_signature;
    int64_t pts, dts;
    struct gh_signature signature;
};

struct gh_journal {
    int fd;
    uint32_t maker;
    int64_t pictures;
    off_t at;  /* of the next record to read or write */
    off_t end; /* of the records that are kept */
};

static uint32_t checksum(uint32_t crc, const void *data, size_t n)
{
    return av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), crc, data, n);
}

static uint32_t head_crc(const struct head *h)
{
    return checksum(MAGIC, h, offsetof(struct head, crc));
}

static bool read_all(int fd, void *to, size_t n, off_t at)
{
    for (size_t done = 0; done < n;) {
        ssize_t r = pread(fd, (char *)to + done, n - done, at + (off_t)done);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return false;
        done += (size_t)r;
    }
    return true;
}

static int write_all(int fd, const void *from, size_t n, off_t at, struct gh_err *err)
{
    for (size_t done = 0; done < n;) {
        ssize_t r = pwrite(fd, (const char *)from + done, n - done, at + (off_t)done);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return gh_fail_errno(err, GH_OK, "cannot keep what was encoded");
        done += (size_t)r;
    }
    return 0;
}

/* Read the record at this place. False: it is not complete, or damaged. The packet's data is the
 * caller's. */
static bool read_record(int fd, off_t at, struct record *ret, AVPacket *pkt)
{
    struct record rec;
    if (!read_all(fd, &rec, sizeof(rec), at) || rec.size == 0 || rec.size > PACKET_MAX ||
        av_new_packet(pkt, (int)rec.size) < 0)
        return false;
    bool ok = read_all(fd, pkt->data, rec.size, at + (off_t)sizeof(rec));
    uint32_t crc = checksum(0, (const char *)&rec + sizeof(rec.crc), sizeof(rec) - sizeof(rec.crc));
    if (!ok || checksum(crc, pkt->data, rec.size) != rec.crc) {
        av_packet_unref(pkt);
        return false;
    }
    *ret = rec;
    return true;
}

static bool read_head(int fd, struct head *ret)
{
    return read_all(fd, ret, sizeof(*ret), 0) && ret->magic == MAGIC && ret->crc == head_crc(ret);
}

uint32_t gh_journal_cap(int fd)
{
    struct head h;
    return fd >= 0 && read_head(fd, &h) ? h.cap : 0;
}

void gh_journal_open(int fd, uint32_t maker, struct gh_journal **ret)
{
    struct gh_journal *j = gh_alloc(sizeof(*j));
    *j = (struct gh_journal){
        .fd = fd, .maker = maker, .at = sizeof(struct head), .end = sizeof(struct head)};
    *ret = j;
    struct head h;
    AVPacket *pkt = av_packet_alloc();
    if (!pkt || !read_head(fd, &h) || h.maker != maker) {
        av_packet_free(&pkt);
        return;
    }
    /* GOPs are closed: if n records come before the key picture of number n, they are all pictures
     * with lower numbers, and the encode can continue there. */
    struct record rec;
    off_t at = sizeof(h);
    for (int64_t n = 0; read_record(fd, at, &rec, pkt); n++) {
        if (rec.key && rec.pts == n) {
            j->pictures = n;
            j->end = at;
        }
        at += (off_t)(sizeof(rec) + rec.size);
        av_packet_unref(pkt);
    }
    av_packet_free(&pkt);
}

void gh_journal_close(struct gh_journal **j)
{
    free(*j);
    *j = NULL;
}

int64_t gh_journal_pictures(const struct gh_journal *j)
{
    return j->pictures;
}

int gh_journal_begin(struct gh_journal *j, uint32_t cap, struct gh_err *err)
{
    struct head h = {.magic = MAGIC, .maker = j->maker, .cap = cap};
    h.crc = head_crc(&h);
    if (ftruncate(j->fd, 0) < 0)
        return gh_fail_errno(err, GH_OK, "cannot keep what was encoded");
    j->pictures = 0;
    j->at = j->end = sizeof(h);
    return write_all(j->fd, &h, sizeof(h), 0, err);
}

int gh_journal_next(struct gh_journal *j, AVPacket *ret, struct gh_signature *ret_signature,
                    bool *ret_has_signature, struct gh_err *err)
{
    struct record rec;
    if (j->at >= j->end)
        return ftruncate(j->fd, j->end) < 0
                   ? gh_fail_errno(err, GH_OK, "cannot keep what was encoded")
                   : 0;
    if (!read_record(j->fd, j->at, &rec, ret))
        return gh_fail(err, GH_AGAIN, "what an earlier attempt encoded cannot be read again");
    j->at += (off_t)(sizeof(rec) + rec.size);
    ret->pts = rec.pts;
    ret->dts = rec.dts;
    ret->flags = rec.key ? AV_PKT_FLAG_KEY : 0;
    *ret_has_signature = rec.has_signature != 0;
    *ret_signature = rec.signature;
    return 1;
}

void gh_journal_rewind(struct gh_journal *j)
{
    j->at = sizeof(struct head);
}

int gh_journal_add(struct gh_journal *j, const AVPacket *pkt, const struct gh_signature *signature,
                   struct gh_err *err)
{
    struct record rec;
    memset(&rec, 0, sizeof(rec));
    rec.size = (uint32_t)pkt->size;
    rec.key = (pkt->flags & AV_PKT_FLAG_KEY) != 0;
    rec.has_signature = signature != NULL;
    rec.pts = pkt->pts;
    rec.dts = pkt->dts;
    if (signature)
        rec.signature = *signature;
    rec.crc = checksum(0, (const char *)&rec + sizeof(rec.crc), sizeof(rec) - sizeof(rec.crc));
    rec.crc = checksum(rec.crc, pkt->data, rec.size);
    TRY(write_all(j->fd, &rec, sizeof(rec), j->at, err));
    TRY(write_all(j->fd, pkt->data, rec.size, j->at + (off_t)sizeof(rec), err));
    j->at += (off_t)(sizeof(rec) + rec.size);
    j->end = j->at;
    return 0;
}
