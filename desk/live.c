/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams, and the thread that feeds them. What a stream holds belongs to the lock; asking ghatd
 * happens outside of it, for one session and place at a time, and what is answered goes to every
 * stream that stands there. */
#include "desk/live.h"

#include "base/clock.h"
#include "base/json.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define LOOK_MS 1000   /* between two looks at ghatd */
#define REST 10        /* a round that took long is followed by a rest so many times as long … */
#define REST_MS 10000  /* … but by no longer one */
#define BEAT_MS 25000  /* a line at least so often: proxies close what is silent */
#define ACK_MS 30000   /* for a line to be acknowledged: a lost net says no goodbye */
#define STOP_MS 2000   /* for the last words of streams to be sent */
#define BEHIND (16384) /* bytes that wait for a browser that takes none: it is not there */
#define PLACE_BYTES 48
#define ADDRESS_BYTES 16
#define NAME_BYTES 40
#define FULL_BYTES 160
#define LOOKING_MAX 100 /* that one stream is told of */

struct gh_stream {
    struct gh_stream *next, **link;
    struct MHD_Connection *conn;
    char session[GH_SESSION_HEX], name[NAME_BYTES], place[PLACE_BYTES];
    unsigned char address[ADDRESS_BYTES];
    bool local;            /* of a socket without addresses: a proxy on this machine */
    char full[FULL_BYTES]; /* the person's name as others read it */
    bool decides;  /* an approver's: it tells who looks at its item, and is told who looks */
    int64_t item;  /* the submission whose page it is; 0: of a list */
    char *lookers; /* what it was told of them last; NULL: nobody */
    struct gh_str out;
    size_t sent;
    int64_t opened_ms, spoke_ms;
    unsigned round; /* in which it was asked for last */
    bool suspended, over;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static struct gh_stream *streams;
static const struct gh_desk *the_desk;
static bool stopping;
static pthread_t thread;

/* ---------------------------------------------------------------------------- under the lock */

static void wake(struct gh_stream *s)
{
    if (!s->suspended)
        return;
    s->suspended = false;
    MHD_resume_connection(s->conn);
}

static void end(struct gh_stream *s)
{
    s->over = true;
    wake(s);
}

static void say(struct gh_stream *s, const char *event, const char *data)
{
    if (s->out.len - s->sent > BEHIND) {
        end(s);
        return;
    }
    if (s->sent == s->out.len)
        s->sent = s->out.len = 0;
    gh_str_printf(&s->out, "event: %s\nid: %s\ndata: %s\n\n", event, s->place, data);
    s->spoke_ms = gh_mono_ms();
    wake(s);
}

/* A place is ghatd's; it goes into a line of ours, so it must look like one. */
static bool is_place(const char *text)
{
    return strlen(text) < PLACE_BYTES && *text && text[strspn(text, "0123456789abcdef.")] == 0;
}

static void tell(struct gh_stream *s, const json_t *changes)
{
    const char *place = gh_j_text(changes, "place");
    const json_t *list = json_object_get(changes, "changes");
    if (!is_place(place))
        return;
    GH_COPY(s->place, place);
    if (json_is_true(json_object_get(changes, "all"))) {
        say(s, "all", "{}");
        return;
    }
    if (!json_array_size(list))
        return;
    GH_AUTO_FREE char *text = json_dumps(list, JSON_COMPACT | JSON_ENSURE_ASCII);
    say(s, "changes", text ? text : "[]");
}

/* Who else has an item open, so that two do not decide one: of its own item, or of all for a list.
 */
static char *lookers_for(const struct gh_stream *s)
{
    json_t *list = json_array();
    for (const struct gh_stream *o = streams; o && json_array_size(list) < LOOKING_MAX; o = o->next)
        if (o->decides && o->item && !o->over && (!s->item || o->item == s->item) &&
            !gh_streq(o->name, s->name))
            json_array_append_new(list, json_pack("{s:I, s:s}", "id", (json_int_t)o->item, "name",
                                                  *o->full ? o->full : o->name));
    char *text = json_array_size(list) ? json_dumps(list, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    json_decref(list);
    return text;
}

static void tell_lookers(struct gh_stream *s)
{
    if (!s->decides || s->over)
        return;
    char *now = lookers_for(s);
    if (!gh_streq(now ? now : "", s->lookers ? s->lookers : ""))
        say(s, "looking", now ? now : "[]");
    free(s->lookers);
    s->lookers = now;
}

static void tell_all_lookers(void)
{
    for (struct gh_stream *s = streams; s; s = s->next)
        tell_lookers(s);
}

/* ------------------------------------------------------------------------------------- opening */

static int socket_of(const struct gh_stream *s)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(s->conn, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

static void take_address(struct gh_stream *s)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(s->conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *a = info ? info->client_addr : NULL;
    s->local = !a || (a->sa_family != AF_INET && a->sa_family != AF_INET6);
    if (a && a->sa_family == AF_INET)
        memcpy(s->address, &((const struct sockaddr_in *)(const void *)a)->sin_addr, 4);
    else if (!s->local)
        memcpy(s->address, &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, 16);
}

/* Of a person who has as many as one may have, the oldest, which makes way for one more. It is one
 * whose browser is gone without a goodbye, or a window that is told to ask instead. NULL: there are
 * not that many. */
static struct gh_stream *one_too_many(const char *name)
{
    struct gh_stream *oldest = NULL;
    unsigned n = 0;
    for (struct gh_stream *o = streams; o; o = o->next) {
        if (o->over || !gh_streq(o->name, name))
            continue;
        n++;
        if (!oldest || o->opened_ms <= oldest->opened_ms) /* what came later stands before it */
            oldest = o;
    }
    return n < GH_LIVE_PERSON ? NULL : oldest;
}

/* Once the oldest is out of the way; what is over only waits for its last words to be sent. */
static bool has_room(const struct gh_stream *s, const struct gh_stream *oldest)
{
    unsigned all = 0, address = 0;
    for (const struct gh_stream *o = streams; o; o = o->next) {
        if (o->over || o == oldest)
            continue;
        all++;
        address += !s->local && !o->local && !memcmp(o->address, s->address, ADDRESS_BYTES);
    }
    return !stopping && all < GH_LIVE_MAX && address < GH_LIVE_ADDRESS;
}

/* Of a socket without TCP it is refused, and not needed. */
static void bound_silence(const struct gh_stream *s)
{
    unsigned ms = ACK_MS;
    setsockopt(socket_of(s), IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
}

struct gh_stream *gh_live_open(const struct gh_req *q, const json_t *changes)
{
    struct gh_stream *s = gh_alloc(sizeof(*s));
    *s = (struct gh_stream){.conn = q->conn, .opened_ms = gh_mono_ms()};
    GH_COPY(s->session, q->session);
    gh_copy(s->name, sizeof(s->name), gh_j_text(q->user, "name"));
    gh_copy(s->full, sizeof(s->full), gh_j_text(q->user, "full"));
    s->decides = (q->roles & GH_APPROVER) != 0;
    s->item = s->decides ? strtoll(gh_query(q, "item"), NULL, 10) : 0;
    take_address(s);
    pthread_mutex_lock(&lock);
    struct gh_stream *oldest = one_too_many(s->name);
    bool room = has_room(s, oldest);
    if (room && oldest) {
        say(oldest, "elsewhere", "{}");
        end(oldest);
    }
    if (room) {
        bound_silence(s);
        tell(s, changes);
        say(s, "beat", "{}"); /* at once: the page learns that nothing on the way holds it back */
        s->next = streams;
        s->link = &streams;
        if (streams)
            streams->link = &s->next;
        streams = s;
        if (s->item)
            tell_all_lookers();
        else
            tell_lookers(s);
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&lock);
    if (!room)
        free(s);
    return room ? s : NULL;
}

void gh_live_close(void *stream)
{
    struct gh_stream *s = stream;
    pthread_mutex_lock(&lock);
    *s->link = s->next;
    if (s->next)
        s->next->link = s->link;
    if (s->item && !stopping)
        tell_all_lookers();
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    gh_str_free(&s->out);
    free(s->lookers);
    explicit_bzero(s->session, sizeof(s->session));
    free(s);
}

ssize_t gh_live_read(void *stream, uint64_t pos, char *buf, size_t max)
{
    struct gh_stream *s = stream;
    (void)pos;
    pthread_mutex_lock(&lock);
    ssize_t n = (ssize_t)GH_MIN(s->out.len - s->sent, max);
    if (n > 0) {
        memcpy(buf, s->out.data + s->sent, (size_t)n);
        s->sent += (size_t)n;
    } else if (s->over || stopping) {
        n = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        s->suspended = true;
        MHD_suspend_connection(s->conn);
    }
    pthread_mutex_unlock(&lock);
    return n;
}

/* ----------------------------------------------------------------------------------- the thread */

/* A stream that stands elsewhere than ghatd, and was not asked for in this round. */
static const struct gh_stream *next_behind(const char *place, unsigned now)
{
    for (const struct gh_stream *s = streams; s; s = s->next)
        if (!s->over && s->round != now && !gh_streq(s->place, place))
            return s;
    return NULL;
}

/* The question of one stream, and its answer for all of that person's that stand there. False:
 * ghatd is away. */
static bool ask_for(const struct gh_stream *one, unsigned now)
{
    char session[GH_SESSION_HEX], behind[PLACE_BYTES];
    json_t *reply = NULL;
    struct gh_err err;
    GH_COPY(session, one->session);
    GH_COPY(behind, one->place);
    pthread_mutex_unlock(&lock);
    int r = gh_desk_ask_as(the_desk, session, "changes", json_pack("{s:s}", "after", behind),
                           &reply, NULL, &err);
    pthread_mutex_lock(&lock);
    for (struct gh_stream *s = streams; s; s = s->next) {
        if (!gh_streq(s->session, session) || !gh_streq(s->place, behind) || s->round == now)
            continue;
        s->round = now;
        if (r == 0)
            tell(s, reply);
        else if (reply)
            end(s); /* logged out, locked, or over: the page finds out */
    }
    bool answered = reply != NULL;
    json_decref(reply);
    explicit_bzero(session, sizeof(session));
    return answered;
}

static void feed(const char *place)
{
    static unsigned round; /* of this one thread */
    const struct gh_stream *s;
    round++;
    while (!stopping && (s = next_behind(place, round)) && ask_for(s, round))
        ;
}

static void look(void)
{
    json_t *reply = NULL;
    char place[PLACE_BYTES];
    struct gh_err err;
    pthread_mutex_unlock(&lock);
    int r = gh_desk_ask_as(the_desk, NULL, "health", NULL, &reply, NULL, &err);
    bool known = r == 0 && gh_copy(place, sizeof(place), gh_j_text(reply, "place")) && *place;
    json_decref(reply);
    pthread_mutex_lock(&lock);
    if (known)
        feed(place);
}

/* The other end closed it, or the net did. The server looks at no connection that is suspended. */
static bool is_gone(const struct gh_stream *s)
{
    struct pollfd p = {.fd = socket_of(s), .events = POLLRDHUP};
    return s->suspended && poll(&p, 1, 0) == 1;
}

static void keep_alive(void)
{
    int64_t now = gh_mono_ms();
    for (struct gh_stream *s = streams; s; s = s->next) {
        if (now - s->opened_ms > GH_LIVE_MS || is_gone(s))
            end(s);
        else if (!s->over && now - s->spoke_ms > BEAT_MS)
            say(s, "beat", "{}");
    }
}

static void wait_ms(int64_t ms)
{
    struct timespec t;
    int64_t end_ms = gh_mono_ms() + ms;
    t.tv_sec = end_ms / 1000;
    t.tv_nsec = end_ms % 1000 * 1000000;
    while (!stopping && gh_mono_ms() < end_ms)
        pthread_cond_timedwait(&changed, &lock, &t);
}

static void *live_main(void *arg)
{
    pthread_mutex_lock(&lock);
    while (!stopping) {
        if (!streams) {
            pthread_cond_wait(&changed, &lock);
            continue;
        }
        int64_t began = gh_mono_ms();
        keep_alive();
        look();
        int64_t rest = GH_MIN(REST * (gh_mono_ms() - began), (int64_t)REST_MS);
        wait_ms(GH_MAX(rest, (int64_t)LOOK_MS));
    }
    pthread_mutex_unlock(&lock);
    return arg;
}

int gh_live_start(const struct gh_desk *desk, struct gh_err *err)
{
    pthread_condattr_t attr;
    the_desk = desk;
    stopping = false;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&changed, &attr);
    pthread_condattr_destroy(&attr);
    errno = pthread_create(&thread, NULL, live_main, NULL);
    return errno ? gh_fail_errno(err, GH_SYSTEM, "cannot start a thread") : 0;
}

void gh_live_stop(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += STOP_MS / 1000;
    pthread_mutex_lock(&lock);
    stopping = true;
    for (struct gh_stream *s = streams; s; s = s->next)
        end(s);
    pthread_cond_broadcast(&changed);
    while (streams && pthread_cond_timedwait(&changed, &lock, &t) == 0)
        ;
    pthread_mutex_unlock(&lock);
    pthread_join(thread, NULL);
}
