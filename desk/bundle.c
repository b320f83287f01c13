/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reader of one download, used by one thread of the server at a time. What ghatd refuses ends
 * it with the connection: the browser then asks to resume, and is told why it cannot. */
#include "desk/bundle.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"

#include <inttypes.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NONE SIZE_MAX
#define ASK_AGAIN_MS 1000 /* a file that is still being sent: is it still out? */

struct gh_bundle {
    const struct gh_desk *desk;
    char session[GH_SESSION_HEX];
    int64_t number;
    struct gh_zip zip;
    uint64_t from;
    size_t file; /* whose bytes are at hand, NONE: none's */
    int fd;      /* of it, -1: it is a text */
    char *text;
    int64_t asked_ms; /* monotonic */
};

static atomic_uint under_way;

int gh_bundle_open(const struct gh_req *q, int64_t number, const json_t *entries,
                   struct gh_bundle **ret, struct gh_err *err)
{
    const json_t *e;
    size_t i;
    if (atomic_fetch_add(&under_way, 1) >= GH_BUNDLES_AT_ONCE) {
        atomic_fetch_sub(&under_way, 1);
        return gh_fail(err, GH_AGAIN, "too many downloads at once");
    }
    struct gh_bundle *b = gh_alloc(sizeof(*b));
    *b = (struct gh_bundle){.desk = q->desk, .number = number, .file = NONE, .fd = -1};
    GH_COPY(b->session, q->session);
    json_array_foreach ((json_t *)entries, i, e)
        if (!gh_zip_add(&b->zip, gh_j_text(e, "name"), (uint64_t)gh_j_int(e, "bytes"),
                        (uint32_t)gh_j_int(e, "crc"), gh_j_int(e, "time_ms"))) {
            gh_bundle_close(b);
            return gh_fail(err, GH_INPUT, "a name in the list is none");
        }
    gh_zip_lay_out(&b->zip);
    *ret = b;
    return 0;
}

uint64_t gh_bundle_size(const struct gh_bundle *b)
{
    return b->zip.size;
}

void gh_bundle_begin_at(struct gh_bundle *b, uint64_t from)
{
    b->from = from;
}

static void let_go(struct gh_bundle *b)
{
    gh_close_fd(&b->fd);
    gh_free_ptr(&b->text);
    b->file = NONE;
}

/* Ask ghatd for the bytes of a file. Any answer but exactly those ends the download. */
static int fetch(struct gh_bundle *b, size_t file, struct gh_err *err)
{
    json_t *reply = NULL;
    struct stat st;
    let_go(b);
    int r = gh_desk_ask_as(
        b->desk, b->session, "bundle-file",
        json_pack("{s:I, s:I}", "bundle", (json_int_t)b->number, "entry", (json_int_t)file), &reply,
        &b->fd, err);
    const json_t *text = json_object_get(reply, "text");
    if (r == 0 && json_is_string(text) && json_string_length(text) == b->zip.files[file].bytes)
        b->text = gh_strdup(json_string_value(text));
    else if (r == 0 && (b->fd < 0 || fstat(b->fd, &st) < 0 ||
                        (uint64_t)st.st_size != b->zip.files[file].bytes))
        r = gh_fail(err, GH_INPUT, "it has another size than in the list");
    json_decref(reply);
    if (r < 0)
        return r;
    b->file = file;
    b->asked_ms = gh_mono_ms();
    return 0;
}

/* Bytes of a file; -1: the download is over. */
static ssize_t read_file(struct gh_bundle *b, size_t file, uint64_t offset, char *buf, size_t max)
{
    struct gh_err err = {0};
    uint64_t left = b->zip.files[file].bytes - offset;
    size_t want = (size_t)GH_MIN((uint64_t)max, left);
    if ((b->file != file || gh_mono_ms() - b->asked_ms >= ASK_AGAIN_MS) &&
        fetch(b, file, &err) < 0) {
        gh_log(GH_LOG_INFO, "download-ended", "list=%" PRId64 " entry=%zu reason=%s", b->number,
               file, gh_log_quote(err.msg));
        return -1;
    }
    if (b->text) {
        memcpy(buf, b->text + offset, want);
        return (ssize_t)want;
    }
    ssize_t n = pread(b->fd, buf, want, (off_t)offset);
    return n > 0 ? n : -1;
}

/* As much as there is room for: many small files are one block. */
ssize_t gh_bundle_read(void *bundle, uint64_t pos, char *buf, size_t max)
{
    struct gh_bundle *b = bundle;
    size_t done = 0;
    while (done < max && b->from + pos + done < b->zip.size) {
        size_t file;
        uint64_t offset;
        ssize_t n = (ssize_t)gh_zip_read(&b->zip, b->from + pos + done, buf + done, max - done,
                                         &file, &offset);
        if (!n)
            n = read_file(b, file, offset, buf + done, max - done);
        if (n < 0)
            return done ? (ssize_t)done : MHD_CONTENT_READER_END_WITH_ERROR;
        done += (size_t)n;
    }
    return done ? (ssize_t)done : MHD_CONTENT_READER_END_OF_STREAM;
}

void gh_bundle_close(void *bundle)
{
    struct gh_bundle *b = bundle;
    if (!b)
        return;
    let_go(b);
    gh_zip_free(&b->zip);
    free(b);
    atomic_fetch_sub(&under_way, 1);
}
