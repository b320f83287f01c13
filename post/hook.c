/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a webhook is sent, and its signature. */
#include "post/post.h"

#include "base/hash.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

static void put_json_text(struct gh_str *out, const char *text)
{
    json_t *value = json_string(text);
    GH_AUTO_FREE char *quoted = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    size_t n = quoted ? strlen(quoted) : 0;
    if (n >= 2) /* without its quotes: the template has them */
        gh_str_add(out, quoted + 1, n - 2);
    json_decref(value);
}

static void put_form_text(struct gh_str *out, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (strchr("-_.~", *c) || (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') ||
            (*c >= 'a' && *c <= 'z'))
            gh_str_add(out, c, 1);
        else
            gh_str_printf(out, "%%%02X", *c);
}

static void fill_template(struct gh_str *out, const struct gh_post_settings *s,
                          const struct gh_parcel *p)
{
    char time[24];
    GH_FORMAT(time, "%" PRId64, p->now_ms / 1000);
    const struct {
        const char *name, *value;
    } values[] = {{"{{to}}", p->to},
                  {"{{text}}", p->subject},
                  {"{{language}}", p->language},
                  {"{{id}}", p->hash},
                  {"{{time}}", time}};
    for (const char *at = s->body; *at;) {
        size_t i = 0;
        while (i < GH_LEN(values) && !gh_starts(at, values[i].name))
            i++;
        if (i == GH_LEN(values)) {
            gh_str_add(out, at++, 1);
            continue;
        }
        if (s->body_json)
            put_json_text(out, values[i].value);
        else
            put_form_text(out, values[i].value);
        at += strlen(values[i].name);
    }
}

void gh_hook_body(struct gh_str *out, const struct gh_post_settings *s, const struct gh_parcel *p)
{
    if (s->body) {
        fill_template(out, s, p);
        return;
    }
    json_t *notice = json_loads(p->notice, 0, NULL);
    json_t *o = json_pack("{s:s, s:I, s:s, s:s, s:o*}", "id", p->hash, "time",
                          (json_int_t)(p->now_ms / 1000), "language", p->language, "text",
                          p->subject, "notice", notice);
    GH_AUTO_FREE char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
    gh_str_puts(out, text ? text : "{}");
    json_decref(o);
}

void gh_hook_sign(struct gh_str *out, const struct gh_post_settings *s, int64_t seconds,
                  const struct gh_str *body)
{
    GH_AUTO_STR signed_ = {0};
    char hex[GH_SHA_HEX];
    gh_str_printf(&signed_, "%" PRId64 ".", seconds);
    gh_str_add(&signed_, body->data, body->len);
    gh_hash_hmac(s->key, s->key_len, signed_.data, signed_.len, hex);
    gh_str_printf(out, "sha256=%s", hex);
}
