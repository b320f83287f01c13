/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pages as texts with holes, filled from JSON: a subset of Mustache, with words of a language. What
 * is filled in is always escaped for HTML text and quoted attributes alike; there is no way around
 * it. Templates are parsed once, at start; what they name and is not there is empty.
 */
#ifndef GH_DESK_TEMPLATE_H
#define GH_DESK_TEMPLATE_H

#include "base/err.h"
#include "base/str.h"
#include "base/words.h"

#include <jansson.h>

/*
 *   {{path}} {{path|filter}}     a value; path: name, name.name, or "." for the item of a list
 *   {{#path}} … {{/path}}        once for each item of a list, or once when it is something
 *   {{#path=word}} … {{/path}}   when it is that text;  {{^path=word}} when it is not
 *   {{^path}} … {{/path}}        when it is nothing: missing, null, false, 0, "", [] or {}
 *   {{>name}}                    another template, parsed before this one
 *   {{t "text"}} {{t "context" "text"}}      the text in the reader's language; {name} in it is a
 *   {{t "text {n}" n=path|filter}}           value: that of the argument, else of the name
 *   {{tn "one" "many" path n=path|filter}}   the same, by a number
 *   {{! remark }}
 *
 * Filters speak numbers (num bytes span long) and times (time date weekday day when ago; in
 * milliseconds, or as ghatd writes them), let only web addresses through (url), and say what
 * a code means (say:KIND, desk/say.h). Names are looked up from the innermost item outwards.
 */
struct gh_templates; /* a set, by name */

struct gh_tongue {
    const char *lang; /* "en", "bn", … */
    const struct gh_words *words;
    int64_t now_ms;
    const json_t
        *reasons; /* of rejections, in that language (desk/reasons.h); borrowed; may be NULL */
};

struct gh_templates *gh_templates_new(void);
void gh_templates_free(struct gh_templates **set);
/** Parse a template and add it. name and text must outlive the set. GH_CONFIG, naming the line. */
GH_MUST_USE int gh_templates_add(struct gh_templates *set, const char *name, const char *text,
                                 size_t n, struct gh_err *err);
/** Append the page to out. root: an object, borrowed. GH_BUG when there is no such template. */
GH_MUST_USE int gh_templates_fill(const struct gh_templates *set, const char *name,
                                  const json_t *root, const struct gh_tongue *tongue,
                                  struct gh_str *out, struct gh_err *err);

#endif
