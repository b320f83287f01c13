/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mail as bytes. Every header but the subject is made of what was checked here; the subject is
 * base64 wherever it is not plain ASCII, so that no byte of it ends a line. */
#include "post/post.h"

#include "base/address.h"

#include <string.h>
#include <time.h>

#define WORD_BYTES 42     /* of UTF-8 in one encoded word, which may have 75 characters */
#define PLAIN_SUBJECT 200 /* bytes of a subject that is not encoded */
#define LINE_BYTES 57     /* that make 76 characters of base64 */
#define ID_DIGITS 40

static void put_base64(struct gh_str *out, const unsigned char *b, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        unsigned v = (unsigned)b[i] << 16 | (i + 1 < n ? (unsigned)b[i + 1] << 8 : 0) |
                     (i + 2 < n ? b[i + 2] : 0);
        char four[4] = {digits[v >> 18], digits[v >> 12 & 63],
                        i + 1 < n ? digits[v >> 6 & 63] : '=', i + 2 < n ? digits[v & 63] : '='};
        gh_str_add(out, four, 4);
    }
}

static bool is_plain(const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return n <= PLAIN_SUBJECT && !strstr(text, "=?") && text[0] != ' ';
}

static void put_subject(struct gh_str *out, const char *text)
{
    gh_str_puts(out, "Subject: ");
    if (is_plain(text)) {
        gh_str_printf(out, "%s\r\n", text);
        return;
    }
    for (size_t n; *text; text += n) {
        n = gh_utf8_cut(text, WORD_BYTES);
        if (n == 0)
            n = 1; /* no UTF-8: byte by byte */
        gh_str_puts(out, "=?UTF-8?B?");
        put_base64(out, (const unsigned char *)text, n);
        gh_str_puts(out, text[n] ? "?=\r\n " : "?=");
    }
    gh_str_puts(out, "\r\n");
}

static void put_date(struct gh_str *out, int64_t now_ms)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t now = (time_t)(now_ms / 1000);
    struct tm tm;
    localtime_r(&now, &tm);
    long minutes = tm.tm_gmtoff / 60, size = minutes < 0 ? -minutes : minutes;
    gh_str_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d %c%02ld%02ld\r\n", days[tm.tm_wday],
                  tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
                  tm.tm_sec, minutes < 0 ? '-' : '+', size / 60, size % 60);
}

/* The text with the line ends of mail, which base64 hides from every server on the way. */
static void put_text(struct gh_str *out, const char *text)
{
    GH_AUTO_STR lines = {0};
    for (const char *c = text; *c; c++) {
        if (*c == '\n')
            gh_str_add(&lines, "\r", 1);
        if (*c != '\r')
            gh_str_add(&lines, c, 1);
    }
    for (size_t at = 0; at < lines.len; at += LINE_BYTES) {
        put_base64(out, (const unsigned char *)lines.data + at, GH_MIN(lines.len - at, LINE_BYTES));
        gh_str_puts(out, "\r\n");
    }
}

static bool is_word(const char *text, size_t least)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789") == strlen(text) &&
           strlen(text) >= least;
}

int gh_message_write(struct gh_str *out, const char *from, const struct gh_parcel *p,
                     struct gh_err *err)
{
    if (!gh_address_is_plain(p->to) || !gh_address_is_plain(from))
        return gh_fail(err, GH_LIMIT, "no plain address: name@example.org");
    if (!is_word(p->hash, ID_DIGITS) || !is_word(p->language, 2))
        return gh_fail(err, GH_LIMIT, "a letter without a number or a language");
    put_date(out, p->now_ms);
    gh_str_printf(out, "From: Ghat <%s>\r\nTo: <%s>\r\n", from, p->to);
    put_subject(out, p->subject);
    gh_str_printf(out, "Message-ID: <%.*s%s>\r\nGhat-Delivery: %s\r\n", ID_DIGITS, p->hash,
                  strchr(from, '@'), p->hash);
    gh_str_printf(out, "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n");
    gh_str_printf(out,
                  "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                  "Content-Language: %s\r\nContent-Transfer-Encoding: base64\r\n\r\n",
                  p->language);
    put_text(out, p->text);
    return 0;
}
