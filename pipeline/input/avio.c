/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AVIOContexts over pread and pwrite, with buffer, offset and first error of their own. Class:
 * GH_SYSTEM (memory, no regular file). */
#include "pipeline/input/avio.h"

#include <errno.h>
#include <libavformat/avio.h>
#include <libavutil/error.h>
#include <libavutil/mem.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER (64 * 1024)

#if LIBAVFORMAT_VERSION_MAJOR >= 61
#define WRITE_CONST const
#else
#define WRITE_CONST
#endif

struct file {
    int fd;
    int error;    /* errno of the first failure */
    int64_t at;   /* own offset */
    uint64_t max; /* writers: bytes allowed, 0 any number */
};

static int keep_error(struct file *f, int code)
{
    if (!f->error)
        f->error = code;
    return AVERROR(code);
}

static int read_some(void *opaque, uint8_t *buf, int size)
{
    struct file *f = opaque;
    ssize_t n;
    do
        n = pread(f->fd, buf, (size_t)size, f->at);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return keep_error(f, errno);
    f->at += n;
    return n == 0 ? AVERROR_EOF : (int)n;
}

static int write_all(void *opaque, WRITE_CONST uint8_t *buf, int size)
{
    struct file *f = opaque;
    if (f->max && (uint64_t)f->at + (uint64_t)size > f->max)
        return keep_error(f, EFBIG);
    for (int done = 0; done < size;) {
        ssize_t n = pwrite(f->fd, buf + done, (size_t)(size - done), f->at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return keep_error(f, n < 0 ? errno : EIO);
        done += (int)n;
        f->at += n;
    }
    return size;
}

static int64_t seek(void *opaque, int64_t offset, int whence)
{
    struct file *f = opaque;
    struct stat st;
    if (fstat(f->fd, &st) < 0)
        return keep_error(f, errno);
    switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE:
        return st.st_size;
    case SEEK_SET:
        break;
    case SEEK_CUR:
        offset += f->at;
        break;
    case SEEK_END:
        offset += st.st_size;
        break;
    default:
        return AVERROR(EINVAL);
    }
    if (offset < 0)
        return AVERROR(EINVAL);
    return f->at = offset;
}

static int make_context(int fd, uint64_t max, int write, AVIOContext **ret, struct gh_err *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return gh_fail(err, GH_SYSTEM, "descriptor %d is no regular file", fd);
    struct file *f = av_mallocz(sizeof(*f));
    uint8_t *buffer = av_malloc(BUFFER);
    AVIOContext *io = f && buffer ? avio_alloc_context(buffer, BUFFER, write, f, read_some,
                                                       write ? write_all : NULL, seek)
                                  : NULL;
    if (!io) {
        av_free(f);
        av_free(buffer);
        return gh_fail(err, GH_SYSTEM, "out of memory");
    }
    *f = (struct file){.fd = fd, .max = max};
    *ret = io;
    return 0;
}

int gh_avio_reader(int fd, AVIOContext **ret, struct gh_err *err)
{
    return make_context(fd, 0, 0, ret, err);
}

int gh_avio_writer(int fd, uint64_t max, AVIOContext **ret, struct gh_err *err)
{
    return make_context(fd, max, 1, ret, err);
}

int gh_avio_errno(const AVIOContext *io)
{
    return io ? ((const struct file *)io->opaque)->error : 0;
}

void gh_avio_free(AVIOContext **io)
{
    if (!*io)
        return;
    av_freep(&(*io)->opaque);
    av_freep(&(*io)->buffer);
    avio_context_free(io);
}
