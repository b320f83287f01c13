/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A person as a card for a phone's address book (vCard 3.0, RFC 2426: what every phone reads), and
 * a number as it is dialled from anywhere. Pure functions over people's own words.
 */
#ifndef GH_DESK_VCARD_H
#define GH_DESK_VCARD_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct gh_vcard {
    const char *name;                  /* "": no card is made */
    const char *title;                 /* what the person is; "" none */
    const char *unit;                  /* the department */
    const char *mobile, *email, *note; /* "" none each */
};
/** Append the card: lines of at most 75 bytes that end with CRLF, cut between characters. */
void gh_vcard_add(struct gh_str *out, const struct gh_vcard *card);
/**
 * "919830012345" of a number as people write it: with its country ("+91 …", "0091…"), or an Indian
 * mobile of ten digits. False where it is neither, as a landline is; ret is "" then.
 */
bool gh_vcard_dialled(const char *mobile, char *ret, size_t size);

/** One line of a card or a calendar (RFC 6350, RFC 5545), folded. */
void gh_card_line(struct gh_str *out, const char *text);
/** name ("LOCATION:"), the text escaped, and what stands after it; nothing where the text is empty.
 */
void gh_card_field(struct gh_str *out, const char *name, const char *text, const char *after);

#endif
