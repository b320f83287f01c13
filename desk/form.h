/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Texts that browsers send, taken apart: forms and queries, cookies, paths. Pure functions over
 * untrusted bytes. What is malformed is refused (GH_USAGE), what is too much is GH_LIMIT.
 */
#ifndef GH_DESK_FORM_H
#define GH_DESK_FORM_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GH_FORM_BYTES (64 << 10) /* of a form as it is sent */
#define GH_FORM_PAIRS 512        /* names and values in one form */
#define GH_PATH_BYTES 256        /* of a path with its NUL */

struct gh_pair {
    char *name, *value; /* decoded UTF-8 without NUL and control characters but tab and line ends */
};
/** Zero-initialise, release with gh_form_free. */
struct gh_form {
    struct gh_pair *list;
    size_t n;
};
void gh_form_free(struct gh_form *form);
/** application/x-www-form-urlencoded; also the query of an address. *ret is filled only as a whole.
 */
GH_MUST_USE int gh_form_parse(const char *text, size_t n, struct gh_form *ret, struct gh_err *err);
/** The first value of that name, "" when there is none. Borrowed. */
const char *gh_form_get(const struct gh_form *form, const char *name);
bool gh_form_has(const struct gh_form *form, const char *name);

/** The value of one cookie in the header Cookie. False when it is not there, there twice, or longer
 * than size - 1 bytes. */
bool gh_cookie_find(const char *header, const char *name, char *ret, size_t size);
/** An address as browsers send it: the path (a-z 0-9 / . _ -, no empty or dotted segment) into
 * ret_path, what follows "?" (borrowed from uri, may be "") into *ret_query. */
GH_MUST_USE bool gh_uri_split(const char *uri, char ret_path[GH_PATH_BYTES],
                              const char **ret_query);

#endif
