/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cards and numbers, as devices want them: escaped, folded, digits only. */
#include "desk/vcard.h"

#include <string.h>

#define LINE 75      /* bytes of a line without its end */
#define DIGITS_MIN 8 /* of a number with its country (ITU E.164: at most 15) */
#define DIGITS_MAX 15
#define INDIA "91" /* where numbers without a country are dialled from */
#define MOBILE 10  /* digits of an Indian mobile, which begins with 6 to 9 */

/* One line, folded: what follows an end of line and a space belongs to it. */
void gh_card_line(struct gh_str *out, const char *text)
{
    size_t left = strlen(text), room = LINE;
    while (left > room) {
        size_t n = gh_utf8_cut(text, room);
        gh_str_add(out, text, n);
        gh_str_puts(out, "\r\n ");
        text += n;
        left -= n;
        room = LINE - 1;
    }
    gh_str_add(out, text, left);
    gh_str_puts(out, "\r\n");
}

/* What separates values is escaped, an end of line is told, other control characters are left out.
 */
static void add_value(struct gh_str *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n')
            gh_str_puts(out, "\\n");
        else if ((unsigned char)*text >= ' ' && *text != 0x7f) {
            if (strchr("\\;,", *text))
                gh_str_puts(out, "\\");
            gh_str_add(out, text, 1);
        }
    }
}

void gh_card_field(struct gh_str *out, const char *name, const char *text, const char *after)
{
    GH_AUTO_STR line = {0};
    if (!*text)
        return;
    gh_str_puts(&line, name);
    add_value(&line, text);
    gh_str_puts(&line, after);
    gh_card_line(out, gh_str_text(&line));
}

void gh_vcard_add(struct gh_str *out, const struct gh_vcard *card)
{
    if (!*card->name)
        return;
    gh_card_line(out, "BEGIN:VCARD");
    gh_card_line(out, "VERSION:3.0");
    gh_card_field(out, "FN:", card->name, "");
    gh_card_field(out, "N:", card->name, ";;;;");
    gh_card_field(out, "TITLE:", card->title, "");
    gh_card_field(out, "ORG:", card->unit, "");
    gh_card_field(out, "TEL;TYPE=CELL:", card->mobile, "");
    gh_card_field(out, "EMAIL:", card->email, "");
    gh_card_field(out, "NOTE:", card->note, "");
    gh_card_line(out, "END:VCARD");
}

bool gh_vcard_dialled(const char *mobile, char *ret, size_t size)
{
    char digits[DIGITS_MAX + 3];
    size_t n = 0;
    bool country = *mobile == '+';
    gh_copy(ret, size, "");
    for (const char *c = mobile + country; *c; c++) {
        if (strchr(" -.()", *c))
            continue;
        if (*c < '0' || *c > '9' || n == sizeof(digits) - 1)
            return false;
        digits[n++] = *c;
    }
    digits[n] = '\0';
    const char *number = digits;
    if (!country && gh_starts(digits, "00")) {
        country = true;
        number += 2;
    }
    n = strlen(number);
    bool indian = !country && n == MOBILE && *number >= '6';
    if (!indian && (!country || n < DIGITS_MIN || n > DIGITS_MAX || *number == '0'))
        return false;
    gh_format(ret, size, "%s%s", indian ? INDIA : "", number);
    return true;
}
