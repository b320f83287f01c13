/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Catalogues of GNU gettext (info gettext, "The Format of GNU MO Files"): a header of 28 bytes, two
 * tables of (length, offset), one of msgids in order, one of texts. A context stands before its
 * msgid, ended by 4; forms of a plural stand one after another, each ended by a NUL. The hash table
 * is not used. Errors: GH_INPUT.
 */
#include "base/words_int.h"

#include "base/str.h"

#include <endian.h>
#include <string.h>

#define MAGIC 0x950412deu
#define HEADER 28
#define ROW 8 /* length, offset */
#define ENTRIES_MAX 65536
#define CONTEXT_END 4

static uint32_t word_at(const struct gh_mo *mo, size_t at)
{
    uint32_t v;
    memcpy(&v, mo->bytes + at, sizeof(v));
    return mo->swapped ? __builtin_bswap32(v) : v;
}

/* A text of one of the tables. */
static const char *text_at(const struct gh_mo *mo, uint32_t table, uint32_t i, size_t *ret_len)
{
    *ret_len = word_at(mo, table + (size_t)i * ROW);
    return mo->bytes + word_at(mo, table + (size_t)i * ROW + 4);
}

static bool table_fits(uint32_t table, uint32_t count, size_t n)
{
    return table >= HEADER && (uint64_t)table + (uint64_t)count * ROW <= n;
}

/* The text lies within the bytes, has a NUL behind it, and is UTF-8. */
static bool text_fits(const struct gh_mo *mo, uint32_t table, uint32_t i, size_t n)
{
    uint64_t len = word_at(mo, table + (size_t)i * ROW);
    uint64_t at = word_at(mo, table + (size_t)i * ROW + 4);
    return at >= HEADER && at + len + 1 <= n && mo->bytes[at + len] == 0 &&
           gh_utf8_valid(mo->bytes + at, len);
}

static uint32_t forms_in(const char *text, size_t len)
{
    uint32_t forms = 1;
    for (size_t i = 0; i < len; i++)
        forms += text[i] == 0;
    return forms;
}

/* A plural's msgid has two forms, English's, and its text as many as the language; others one. */
static bool forms_fit(const struct gh_mo *mo, uint32_t i)
{
    size_t id_len, text_len;
    const char *id = text_at(mo, mo->ids, i, &id_len);
    const char *text = text_at(mo, mo->texts, i, &text_len);
    uint32_t forms = forms_in(id, id_len);
    return forms <= 2 && forms_in(text, text_len) == (forms == 2 ? mo->plural.forms : 1);
}

/* The first entry, whose msgid is empty, says what the catalogue is. */
static int read_head(struct gh_mo *mo, size_t n, struct gh_err *err)
{
    static const char name[] = "Plural-Forms:";
    size_t id_len, len;
    if (mo->count == 0 || !text_fits(mo, mo->ids, 0, n) || !text_fits(mo, mo->texts, 0, n))
        return gh_fail(err, GH_INPUT, "a catalogue without a header");
    text_at(mo, mo->ids, 0, &id_len);
    const char *head = text_at(mo, mo->texts, 0, &len);
    if (id_len != 0 || strlen(head) != len || !strcasestr(head, "charset=UTF-8"))
        return gh_fail(err, GH_INPUT, "a catalogue without a header, or not in UTF-8");
    const char *rule = strstr(head, name);
    return rule ? gh_plural_parse(rule + strlen(name), &mo->plural, err)
                : gh_plural_parse("nplurals=2; plural=n != 1;", &mo->plural, err);
}

int gh_mo_open(const void *bytes, size_t n, struct gh_mo *ret, struct gh_err *err)
{
    struct gh_mo mo = {.bytes = bytes};
    size_t len;
    if (n < HEADER)
        return gh_fail(err, GH_INPUT, "a catalogue of %zu bytes", n);
    mo.swapped = word_at(&mo, 0) == __builtin_bswap32(MAGIC);
    if (word_at(&mo, 0) != MAGIC || word_at(&mo, 4) >> 16 > 1)
        return gh_fail(err, GH_INPUT, "this is no catalogue");
    mo.count = word_at(&mo, 8);
    mo.ids = word_at(&mo, 12);
    mo.texts = word_at(&mo, 16);
    if (mo.count > ENTRIES_MAX || !table_fits(mo.ids, mo.count, n) ||
        !table_fits(mo.texts, mo.count, n))
        return gh_fail(err, GH_INPUT, "a catalogue whose tables lie outside of it");
    TRY(read_head(&mo, n, err));
    for (uint32_t i = 1; i < mo.count; i++) {
        if (!text_fits(&mo, mo.ids, i, n) || !text_fits(&mo, mo.texts, i, n))
            return gh_fail(err, GH_INPUT, "entry %u of the catalogue lies outside of it", i);
        if (!forms_fit(&mo, i))
            return gh_fail(err, GH_INPUT, "entry %u of the catalogue has not its plurals", i);
        if (strcmp(text_at(&mo, mo.ids, i - 1, &len), text_at(&mo, mo.ids, i, &len)) >= 0)
            return gh_fail(err, GH_INPUT, "entry %u of the catalogue is out of order", i);
    }
    *ret = mo;
    return 0;
}

/* As strcmp of "<context>\4<msgid>" and id. */
static int compare(const char *context, const char *msgid, const char *id)
{
    if (context) {
        size_t n = strlen(context);
        int differ = strncmp(context, id, n);
        if (differ || id[n] != CONTEXT_END)
            return differ ? differ : CONTEXT_END - (unsigned char)id[n];
        id += n + 1;
    }
    return strcmp(msgid, id);
}

const char *gh_mo_find(const struct gh_mo *mo, const char *context, const char *msgid,
                       uint32_t form)
{
    uint32_t low = 1, high = mo->count; /* entry 0 is the header */
    while (low < high) {
        size_t len;
        uint32_t middle = low + (high - low) / 2;
        int differ = compare(context, msgid, text_at(mo, mo->ids, middle, &len));
        if (differ == 0) {
            const char *text = text_at(mo, mo->texts, middle, &len), *end = text + len;
            for (; form > 0 && text + strlen(text) < end; form--)
                text += strlen(text) + 1;
            return text;
        }
        low = differ > 0 ? middle + 1 : low;
        high = differ > 0 ? high : middle;
    }
    return NULL;
}
