/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Forms, queries, cookies and addresses, byte by byte. A value is decoded once and never again. */
#include "desk/form.h"

#include "base/str.h"

#include <string.h>

void gh_form_free(struct gh_form *form)
{
    for (size_t i = 0; i < form->n; i++) {
        free(form->list[i].name);
        free(form->list[i].value);
    }
    free(form->list);
    *form = (struct gh_form){0};
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_text(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (((unsigned char)bytes[i] < 0x20 && !strchr("\t\r\n", bytes[i])) || !bytes[i] ||
            bytes[i] == 0x7f)
            return false;
    return gh_utf8_valid(bytes, n);
}

/* Decode one name or value; line ends become plain ones. NULL: malformed. */
static char *decode(const char *s, size_t n)
{
    GH_AUTO_FREE char *out = gh_alloc(n + 1);
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        char c = s[i] == '+' ? ' ' : s[i];
        if (c == '%') {
            int high = n - i > 2 ? hex_digit(s[i + 1]) : -1;
            int low = n - i > 2 ? hex_digit(s[i + 2]) : -1;
            if (high < 0 || low < 0)
                return NULL;
            c = (char)(high << 4 | low);
            i += 2;
        }
        out[len++] = c;
    }
    if (!is_text(out, len))
        return NULL;
    size_t kept = 0;
    for (size_t i = 0; i < len; i++)
        if (out[i] != '\r' || out[i + 1] != '\n')
            out[kept++] = out[i] == '\r' ? '\n' : out[i];
    out[kept] = 0;
    return gh_steal(&out);
}

static int add_pair(struct gh_form *form, const char *s, size_t n, struct gh_err *err)
{
    const char *eq = memchr(s, '=', n);
    size_t name = eq ? (size_t)(eq - s) : n;
    if (form->n == GH_FORM_PAIRS)
        return gh_fail(err, GH_LIMIT, "a form of more than %d fields", GH_FORM_PAIRS);
    GH_AUTO_FREE char *key = decode(s, name);
    GH_AUTO_FREE char *value = eq ? decode(eq + 1, n - name - 1) : gh_strdup("");
    if (!key || !value)
        return gh_fail(err, GH_USAGE, "a field of the form is malformed");
    form->list[form->n++] = (struct gh_pair){gh_steal(&key), gh_steal(&value)};
    return 0;
}

int gh_form_parse(const char *text, size_t n, struct gh_form *ret, struct gh_err *err)
{
    GH_AUTO(gh_form_free) struct gh_form form = {0};
    if (n > GH_FORM_BYTES)
        return gh_fail(err, GH_LIMIT, "a form of more than %d bytes", GH_FORM_BYTES);
    form.list = gh_alloc(GH_FORM_PAIRS * sizeof(*form.list));
    while (n) {
        const char *end = memchr(text, '&', n);
        size_t len = end ? (size_t)(end - text) : n;
        if (len)
            TRY(add_pair(&form, text, len, err));
        n -= len + (end ? 1 : 0);
        text += len + 1;
    }
    *ret = form;
    form = (struct gh_form){0};
    return 0;
}

static const struct gh_pair *find_pair(const struct gh_form *form, const char *name)
{
    for (size_t i = 0; i < form->n; i++)
        if (!strcmp(form->list[i].name, name))
            return &form->list[i];
    return NULL;
}

const char *gh_form_get(const struct gh_form *form, const char *name)
{
    const struct gh_pair *p = find_pair(form, name);
    return p ? p->value : "";
}

bool gh_form_has(const struct gh_form *form, const char *name)
{
    return find_pair(form, name) != NULL;
}

bool gh_cookie_find(const char *header, const char *name, char *ret, size_t size)
{
    size_t name_len = strlen(name);
    bool found = false;
    while (header && *header) {
        header += strspn(header, " \t;");
        size_t len = strcspn(header, ";");
        if (len > name_len && !strncmp(header, name, name_len) && header[name_len] == '=') {
            size_t n = len - name_len - 1;
            if (found || n >= size)
                return false;
            memcpy(ret, header + name_len + 1, n);
            ret[n] = 0;
            found = true;
        }
        header += len;
    }
    return found;
}

bool gh_uri_split(const char *uri, char ret_path[GH_PATH_BYTES], const char **ret_query)
{
    size_t n = strcspn(uri, "?");
    if (n == 0 || n >= GH_PATH_BYTES || *uri != '/')
        return false;
    if (strspn(uri, "abcdefghijklmnopqrstuvwxyz0123456789/._-") != n)
        return false;
    for (size_t i = 0; i + 1 < n; i++)
        if (uri[i] == '/' && (uri[i + 1] == '/' || uri[i + 1] == '.'))
            return false;
    memcpy(ret_path, uri, n);
    ret_path[n] = 0;
    *ret_query = uri[n] ? uri + n + 1 : uri + n;
    return true;
}
