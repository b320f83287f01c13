/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libcurl, with one handle for each way out, which keeps its connection. Certificates are checked,
 * nothing is redirected, no proxy of the environment is used, and every step has a deadline.
 */
#include "post/post.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <string.h>

#define CONNECT_S 30L
#define MAIL_S 120L
#define HOOK_S 30L
#define ANSWER_MAX 65536 /* bytes of a webhook's answer that are read */

struct gh_sender {
    const struct gh_post_settings *s;
    const atomic_bool *ending;
    CURL *curl;
    char said[CURL_ERROR_SIZE];

    /* what is being sent, and how far */
    const char *at;
    size_t left;
    bool offered;
    size_t answered;
    char last[200]; /* the server's last line of an SMTP dialogue */
};

/* ------------------------------------------------------------------------------------- outcomes
 */

enum gh_outcome gh_smtp_outcome(bool failed, bool refused_by_command, bool offered, long code)
{
    bool for_good = code >= 500 && code < 600;
    if (!failed)
        return GH_OUTCOME_SENT;
    /* a refusal of the sender, the address, or the message is about this letter; one of the
     * greeting, of the login or of TLS about the server */
    return for_good && (refused_by_command || offered) ? GH_OUTCOME_FAILED : GH_OUTCOME_AGAIN;
}

enum gh_outcome gh_http_outcome(bool failed, long code)
{
    if (code >= 200 && code < 300)
        return GH_OUTCOME_SENT; /* it has it, even if its answer was cut off */
    if (failed || code >= 500 || code < 300 || code == 408 || code == 425 || code == 429)
        return GH_OUTCOME_AGAIN;
    return GH_OUTCOME_FAILED;
}

/* -------------------------------------------------------------------------------------- the way
 */

struct gh_sender *gh_sender_new(const struct gh_post_settings *s, const atomic_bool *ending)
{
    struct gh_sender *sender = gh_alloc(sizeof(*sender));
    sender->s = s;
    sender->ending = ending;
    sender->curl = curl_easy_init();
    if (!sender->curl)
        abort();
    return sender;
}

void gh_sender_free(struct gh_sender **ps)
{
    if (!*ps)
        return;
    curl_easy_cleanup((*ps)->curl);
    free(*ps);
    *ps = NULL;
}

static size_t read_some(char *to, size_t size, size_t n, void *arg)
{
    struct gh_sender *s = arg;
    size_t some = GH_MIN(size * n, s->left);
    memcpy(to, s->at, some);
    s->at += some;
    s->left -= some;
    s->offered = true;
    return some;
}

static size_t drop_some(char *from, size_t size, size_t n, void *arg)
{
    struct gh_sender *s = arg;
    (void)from;
    s->answered += size * n;
    return s->answered > ANSWER_MAX ? 0 : size * n;
}

/* Lines of the dialogue as they come; the last one says why. */
static size_t keep_line(char *line, size_t size, size_t n, void *arg)
{
    struct gh_sender *s = arg;
    size_t len = size * n;
    while (len > 0 && strchr("\r\n", line[len - 1]))
        len--;
    if (len < 3 || memcmp(line, "221", 3) != 0) /* its goodbye explains nothing */
        GH_FORMAT(s->last, "%.*s", (int)GH_MIN(len, sizeof(s->last) - 1), line);
    return size * n;
}

/* Told to end, a server that was given nothing is left alone; what has the message is waited for,
 * since only its answer says whether it has it. */
static int give_up(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct gh_sender *s = arg;
    (void)a, (void)b, (void)c, (void)d;
    return *s->ending && !s->offered;
}

/* What both ways have in common. */
static void set_out(struct gh_sender *s, const char *protocols, long seconds)
{
    curl_easy_reset(s->curl); /* the connection stays */
    s->said[0] = s->last[0] = '\0';
    s->offered = false;
    s->answered = 0;
    curl_easy_setopt(s->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(s->curl, CURLOPT_ERRORBUFFER, s->said);
    curl_easy_setopt(s->curl, CURLOPT_PROTOCOLS_STR, protocols);
    curl_easy_setopt(s->curl, CURLOPT_PROXY, "");
    curl_easy_setopt(s->curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
    curl_easy_setopt(s->curl, CURLOPT_TIMEOUT, seconds);
    curl_easy_setopt(s->curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(s->curl, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(s->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (s->s->conf->ca) {
        curl_easy_setopt(s->curl, CURLOPT_CAINFO, s->s->conf->ca);
        curl_easy_setopt(s->curl, CURLOPT_CAPATH, NULL);
    }
    curl_easy_setopt(s->curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(s->curl, CURLOPT_XFERINFOFUNCTION, give_up);
    curl_easy_setopt(s->curl, CURLOPT_XFERINFODATA, s);
    curl_easy_setopt(s->curl, CURLOPT_WRITEFUNCTION, drop_some);
    curl_easy_setopt(s->curl, CURLOPT_WRITEDATA, s);
    curl_easy_setopt(s->curl, CURLOPT_HEADERFUNCTION, keep_line);
    curl_easy_setopt(s->curl, CURLOPT_HEADERDATA, s);
}

static void tell_why(struct gh_str *why, const struct gh_sender *s, CURLcode r)
{
    const char *said = *s->said ? s->said : curl_easy_strerror(r);
    why->len = 0;
    gh_str_puts(why, "");
    if (r == CURLE_OK)
        return;
    gh_str_display(why, said, strlen(said));
    if (*s->last) {
        gh_str_puts(why, "; last said: ");
        gh_str_display(why, s->last, strlen(s->last));
    }
}

/* ------------------------------------------------------------------------------------------ mail
 */

enum gh_outcome gh_send_mail(struct gh_sender *s, const struct gh_parcel *p, struct gh_str *why)
{
    const struct gh_conf *conf = s->s->conf;
    struct gh_err err = {0};
    GH_AUTO_STR message = {0};
    GH_AUTO_FREE char *from = gh_asprintf("<%s>", conf->from), *to = gh_asprintf("<%s>", p->to);
    long code = 0;
    why->len = 0;
    if (gh_message_write(&message, conf->from, p, &err) < 0) {
        gh_str_puts(why, err.msg);
        return GH_OUTCOME_FAILED;
    }
    set_out(s, "smtp,smtps", MAIL_S);
    s->at = message.data;
    s->left = message.len;
    struct curl_slist *list = curl_slist_append(NULL, to);
    curl_easy_setopt(s->curl, CURLOPT_URL, conf->smtp);
    curl_easy_setopt(s->curl, CURLOPT_USE_SSL,
                     (long)(conf->tls_off ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    if (conf->login) {
        curl_easy_setopt(s->curl, CURLOPT_USERNAME, conf->login);
        curl_easy_setopt(s->curl, CURLOPT_PASSWORD, s->s->password);
    }
    curl_easy_setopt(s->curl, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, list);
    curl_easy_setopt(s->curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(s->curl, CURLOPT_READFUNCTION, read_some);
    curl_easy_setopt(s->curl, CURLOPT_READDATA, s);
    CURLcode r = curl_easy_perform(s->curl);
    curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &code);
    curl_slist_free_all(list);
    tell_why(why, s, r);
    return gh_smtp_outcome(r != CURLE_OK, r == CURLE_SEND_ERROR, s->offered, code);
}

/* --------------------------------------------------------------------------------------- webhook
 */

enum gh_outcome gh_send_hook(struct gh_sender *s, const struct gh_parcel *p, struct gh_str *why)
{
    GH_AUTO_STR body = {0}, signature = {0};
    int64_t seconds = p->now_ms / 1000;
    GH_AUTO_FREE char *id = gh_asprintf("Ghat-Delivery: %s", p->hash);
    GH_AUTO_FREE char *time = gh_asprintf("Ghat-Timestamp: %" PRId64, seconds);
    long code = 0;
    gh_hook_body(&body, s->s, p);
    gh_str_puts(&signature, "Ghat-Signature: ");
    if (s->s->key)
        gh_hook_sign(&signature, s->s, seconds, &body);
    bool json = !s->s->body || s->s->body_json;
    struct curl_slist *list =
        curl_slist_append(NULL, json ? "Content-Type: application/json"
                                     : "Content-Type: application/x-www-form-urlencoded");
    list = curl_slist_append(list, id);
    list = curl_slist_append(list, time);
    list = curl_slist_append(list, "Expect:");
    if (s->s->key)
        list = curl_slist_append(list, signature.data);
    set_out(s, "https,http", HOOK_S);
    curl_easy_setopt(s->curl, CURLOPT_URL, s->s->conf->webhook);
    curl_easy_setopt(s->curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(s->curl, CURLOPT_USERAGENT, "Ghat/" GH_VERSION);
    curl_easy_setopt(s->curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(s->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
    curl_easy_setopt(s->curl, CURLOPT_POSTFIELDS, gh_str_text(&body));
    s->offered = true; /* curl does not say when it is */
    CURLcode r = curl_easy_perform(s->curl);
    curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &code);
    curl_slist_free_all(list);
    tell_why(why, s, r);
    if (code >= 300) {
        why->len = 0;
        gh_str_printf(why, "it answers %ld%s", code,
                      code < 400 ? ": redirects are not followed" : "");
    }
    return gh_http_outcome(r != CURLE_OK, code);
}
