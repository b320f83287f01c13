/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names as people and programs make them: that of a folder of the outbox, of a file in it, with a
 * blank, a hyphen or an underscore before the placement, as a second copy, in any case. */
#include "daemon/receipt/words.h"

#include "base/str.h"
#include "base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 15
#define SHOWN 80 /* bytes of a text that is no link, in the message */

/* "Water-12 fb.photo (2).TXT" → "water-12 fb.photo", in place. */
static void plain(char *name)
{
    for (char *c = name; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    if (gh_ends(name, ".txt"))
        name[strlen(name) - 4] = '\0';
    char *copy = strrchr(name, '(');
    if (copy && copy > name && strspn(copy + 1, "0123456789") && gh_streq(strchr(copy, ')'), ")"))
        *copy = '\0';
    for (size_t n = strlen(name); n && name[n - 1] == ' ';)
        name[--n] = '\0';
}

bool gh_receipt_read_name(const char *name, unsigned nth, struct gh_receipt *ret)
{
    char text[GH_RECEIPT_NAME];
    if (!GH_COPY(text, name))
        return false;
    plain(text);
    for (char *at = strchr(text, '-'); at; at = strchr(at + 1, '-')) {
        size_t digits = strspn(at + 1, "0123456789");
        char after = at[1 + digits];
        if (at == text || !digits || digits > DIGITS_MAX || (after && !strchr(" -_", after)))
            continue;
        if (nth--)
            continue;
        *ret = (struct gh_receipt){.id = strtoll(at + 1, NULL, 10)};
        const char *rest = at + 1 + digits;
        rest += strspn(rest, " -_");
        GH_COPY(ret->rest, rest);
        *at = '\0';
        return GH_COPY(ret->department, text);
    }
    return false;
}

const char *gh_receipt_placement(const struct gh_item *item, const char *rest)
{
    const char *best = NULL;
    for (size_t i = 0; i < item->n_renditions; i++) {
        const char *p = item->renditions[i].placement;
        size_t n = strlen(p);
        bool fits = gh_starts(rest, p) && (!rest[n] || strchr(" -_", rest[n]));
        if (fits && (!best || n > strlen(best)))
            best = p;
    }
    return best;
}

int gh_receipt_read_link(const char *bytes, size_t n, char **ret, struct gh_err *err)
{
    GH_AUTO_FREE char *text = NULL;
    char *link = NULL, *save = NULL;
    TRY(gh_text_decode(bytes, n, &text, err));
    for (char *line = strtok_r(text, "\r\n", &save); line; line = strtok_r(NULL, "\r\n", &save)) {
        line = gh_strip(line);
        if (!*line || gh_streq(line, link))
            continue;
        if (link)
            return gh_fail(err, GH_INPUT, "a receipt holds one link, and nothing else");
        if (strncasecmp(line, "http://", 7) != 0 && strncasecmp(line, "https://", 8) != 0)
            return gh_fail(err, GH_INPUT,
                           "its text is no link, which begins with https://: \"%.*s\"",
                           (int)gh_utf8_cut(line, SHOWN), line);
        link = line;
    }
    *ret = link ? gh_strdup(link) : NULL;
    return 0;
}
