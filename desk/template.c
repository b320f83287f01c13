/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parsing templates into a flat list of nodes, and filling them. A section's node knows where it
 * ends, so that filling is one walk without looking at the text again. */
#include "desk/template.h"

#include "desk/reasons.h"
#include "desk/say.h"

#include "base/speak.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define DEPTH_MAX 16 /* sections and templates within each other */
#define ARGS_MAX 4   /* named arguments of one text */
#define TEMPLATES_MAX 96
#define TEXT_MAX 65536 /* bytes of one value */

enum kind { TEXT, VALUE, SECTION, INVERTED, END, PARTIAL, WORD, PLURAL };

/* A path with its filter: "item.state|word:state". */
struct look {
    char *path, *filter, *arg;
};

struct node {
    enum kind kind;
    const char *text; /* TEXT: borrowed from the template */
    size_t len;
    struct look look; /* VALUE, SECTION, INVERTED; PLURAL: the number */
    char *equals;     /* SECTION, INVERTED: compared with; NULL: is it something? */
    char *ctx, *one, *many;
    struct {
        char *name;
        struct look look;
    } args[ARGS_MAX];
    size_t n_args;
    size_t end;     /* SECTION, INVERTED: the index of its END */
    size_t partial; /* PARTIAL: which template */
};

struct template
{
    const char *name;
    struct node *nodes;
    size_t n;
};

struct gh_templates {
    struct template list[TEMPLATES_MAX];
    size_t n;
};

/* -------------------------------------------------------------------------------------- parsing */

struct parser {
    struct gh_templates *set;
    struct template *t;
    size_t open[DEPTH_MAX], depth;
    unsigned line;
    const char *name;
};

static void free_look(struct look *l)
{
    free(l->path);
    free(l->filter);
    free(l->arg);
}

static void free_template(struct template *t)
{
    for (size_t i = 0; i < t->n; i++) {
        struct node *n = &t->nodes[i];
        free_look(&n->look);
        free(n->equals);
        free(n->ctx);
        free(n->one);
        free(n->many);
        for (size_t k = 0; k < n->n_args; k++) {
            free(n->args[k].name);
            free_look(&n->args[k].look);
        }
    }
    free(t->nodes);
    *t = (struct template){0};
}

static struct node *add_node(struct template *t, enum kind kind)
{
    if ((t->n & (t->n + 1)) == 0 || !t->nodes)
        t->nodes = gh_realloc(t->nodes, (2 * t->n + 2) * sizeof(*t->nodes));
    t->nodes[t->n] = (struct node){.kind = kind};
    return &t->nodes[t->n++];
}

static int bad_tag(const struct parser *p, const char *what, struct gh_err *err)
{
    return gh_fail(err, GH_CONFIG, "template %s, line %u: %s", p->name, p->line, what);
}

static bool is_path(const char *s)
{
    return *s && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_.-@") == strlen(s);
}

/* Filters that speak a number. */
static const struct {
    const char *name;
    enum gh_speak as;
} spoken[] = {
    {"num", GH_SPEAK_NUMBER},      {"bytes", GH_SPEAK_BYTES}, {"span", GH_SPEAK_SPAN},
    {"long", GH_SPEAK_DURATION},   {"time", GH_SPEAK_TIME},   {"date", GH_SPEAK_DATE},
    {"weekday", GH_SPEAK_WEEKDAY}, {"day", GH_SPEAK_DAY},     {"when", GH_SPEAK_WHEN},
    {"ago", GH_SPEAK_AGO},
};

static int parse_look(const struct parser *p, const char *text, struct look *ret,
                      struct gh_err *err)
{
    static const char *const others[] = {"url", "say"};
    const char *bar = strchr(text, '|'), *colon = bar ? strchr(bar, ':') : NULL;
    bool known = !bar;
    ret->path = gh_strndup(text, bar ? (size_t)(bar - text) : strlen(text));
    if (bar) {
        size_t n = colon ? (size_t)(colon - bar - 1) : strlen(bar + 1);
        ret->filter = gh_strndup(bar + 1, n);
        ret->arg = colon ? gh_strdup(colon + 1) : NULL;
        for (size_t i = 0; i < GH_LEN(spoken); i++)
            known = known || gh_streq(spoken[i].name, ret->filter);
        for (size_t i = 0; i < GH_LEN(others); i++)
            known = known || gh_streq(others[i], ret->filter);
    }
    known = known && (bar && gh_streq(ret->filter, "say")) == (ret->arg != NULL);
    if (!is_path(ret->path) || !known)
        return bad_tag(p, "no such path or filter", err);
    return 0;
}

/* A quoted text at *s, which moves behind it. NULL: there is none. */
static char *take_quoted(char **s)
{
    char *at = *s + strspn(*s, " \n");
    char *end = *at == '"' ? strchr(at + 1, '"') : NULL;
    if (!end)
        return NULL;
    *s = end + 1;
    return gh_strndup(at + 1, (size_t)(end - at - 1));
}

static char *take_word(char **s)
{
    char *at = *s + strspn(*s, " \n");
    size_t n = strcspn(at, " \n");
    *s = at + n;
    return n ? gh_strndup(at, n) : NULL;
}

static int parse_args(const struct parser *p, struct node *n, char *s, struct gh_err *err)
{
    for (;;) {
        GH_AUTO_FREE char *word = take_word(&s);
        if (!word)
            return 0;
        char *eq = strchr(word, '=');
        if (!eq || n->n_args == ARGS_MAX)
            return bad_tag(p, "arguments of a text are name=path, four at most", err);
        *eq = 0;
        n->args[n->n_args].name = gh_strdup(word);
        n->n_args++;
        TRY(parse_look(p, eq + 1, &n->args[n->n_args - 1].look, err));
    }
}

static int parse_text(const struct parser *p, char *s, struct gh_err *err)
{
    struct node *n = add_node(p->t, WORD);
    n->one = take_quoted(&s);
    char *second = take_quoted(&s);
    if (second) {
        n->ctx = n->one;
        n->one = second;
    }
    if (!n->one)
        return bad_tag(p, "a text stands in double quotes", err);
    return parse_args(p, n, s, err);
}

static int parse_plural(const struct parser *p, char *s, struct gh_err *err)
{
    struct node *n = add_node(p->t, PLURAL);
    n->one = take_quoted(&s);
    n->many = take_quoted(&s);
    GH_AUTO_FREE char *number = take_word(&s);
    if (!n->one || !n->many || !number)
        return bad_tag(p, "tn takes two texts in double quotes and a number's path", err);
    TRY(parse_look(p, number, &n->look, err));
    return parse_args(p, n, s, err);
}

static int parse_section(struct parser *p, enum kind kind, const char *s, struct gh_err *err)
{
    GH_AUTO_FREE char *text = gh_strdup(s);
    char *eq = strchr(text, '=');
    struct node *n = add_node(p->t, kind);
    if (eq) {
        *eq = 0;
        n->equals = gh_strdup(eq + 1);
    }
    if (p->depth == DEPTH_MAX)
        return bad_tag(p, "sections are too deep", err);
    p->open[p->depth++] = p->t->n - 1;
    return parse_look(p, text, &n->look, err);
}

static int parse_end(struct parser *p, const char *s, struct gh_err *err)
{
    size_t open = p->depth ? p->open[--p->depth] : 0;
    if (p->t->n == 0 || !p->t->nodes[open].look.path || !gh_streq(p->t->nodes[open].look.path, s) ||
        p->t->nodes[open].end)
        return bad_tag(p, "this section was not begun", err);
    add_node(p->t, END);
    p->t->nodes[open].end = p->t->n - 1;
    return 0;
}

static int parse_partial(const struct parser *p, const char *s, struct gh_err *err)
{
    for (size_t i = 0; i < p->set->n; i++) {
        if (!gh_streq(p->set->list[i].name, s))
            continue;
        add_node(p->t, PARTIAL)->partial = i;
        return 0;
    }
    return bad_tag(p, "this template is not there yet", err);
}

static int parse_tag(struct parser *p, char *s, struct gh_err *err)
{
    s = gh_strip(s);
    switch (*s) {
    case '!':
        return 0;
    case '#':
        return parse_section(p, SECTION, s + 1, err);
    case '^':
        return parse_section(p, INVERTED, s + 1, err);
    case '/':
        return parse_end(p, s + 1, err);
    case '>':
        return parse_partial(p, s + 1, err);
    default:
        break;
    }
    if (gh_starts(s, "t \""))
        return parse_text(p, s + 1, err);
    if (gh_starts(s, "tn \""))
        return parse_plural(p, s + 2, err);
    struct node *n = add_node(p->t, VALUE);
    return parse_look(p, s, &n->look, err);
}

static void add_text(struct parser *p, const char *text, size_t n)
{
    if (n) {
        struct node *node = add_node(p->t, TEXT);
        node->text = text;
        node->len = n;
    }
    for (size_t i = 0; i < n; i++)
        p->line += text[i] == '\n';
}

static int parse(struct parser *p, const char *text, size_t n, struct gh_err *err)
{
    const char *end = text + n;
    while (text < end) {
        const char *tag = memmem(text, (size_t)(end - text), "{{", 2);
        add_text(p, text, (size_t)((tag ? tag : end) - text));
        if (!tag)
            break;
        const char *close = memmem(tag, (size_t)(end - tag), "}}", 2);
        if (!close)
            return bad_tag(p, "a tag does not end", err);
        GH_AUTO_FREE char *s = gh_strndup(tag + 2, (size_t)(close - tag - 2));
        TRY(parse_tag(p, s, err));
        text = close + 2;
    }
    return p->depth ? bad_tag(p, "a section does not end", err) : 0;
}

struct gh_templates *gh_templates_new(void)
{
    return gh_alloc(sizeof(struct gh_templates));
}

void gh_templates_free(struct gh_templates **set)
{
    if (!*set)
        return;
    for (size_t i = 0; i < (*set)->n; i++)
        free_template(&(*set)->list[i]);
    gh_free_ptr(set);
}

int gh_templates_add(struct gh_templates *set, const char *name, const char *text, size_t n,
                     struct gh_err *err)
{
    struct template t = {.name = name};
    struct parser p = {.set = set, .t = &t, .line = 1, .name = name};
    if (set->n == TEMPLATES_MAX)
        return gh_fail(err, GH_CONFIG, "more than %d templates", TEMPLATES_MAX);
    int r = parse(&p, text, n, err);
    if (r < 0) {
        free_template(&t);
        return r;
    }
    set->list[set->n++] = t;
    return 0;
}

/* -------------------------------------------------------------------------------------- filling */

/* A time as ghatd's replies write it ("2026-11-23T14:05:09+05:30"), in milliseconds since 1970. */
static bool moment_of(const char *iso, int64_t *ret_ms)
{
    struct tm tm = {0};
    unsigned hours = 0, minutes = 0;
    const char *zone = iso ? strptime(iso, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
    if (!zone || sscanf(zone + (*zone != 0), "%2u:%2u", &hours, &minutes) == 1)
        return false;
    int64_t offset_s = ((int64_t)hours * 60 + minutes) * 60;
    *ret_ms = ((int64_t)timegm(&tm) + (*zone == '-' ? offset_s : -offset_s)) * 1000;
    return true;
}

struct filling {
    const struct gh_templates *set;
    const struct gh_tongue *tongue;
    struct gh_str *out;
    const json_t *stack[2 * DEPTH_MAX];
    size_t n, within; /* items on the stack, templates within each other */
};

/* Write & < > " ' so that they are text in HTML and in quoted attributes. */
static void add_escaped(struct gh_str *out, const char *text, size_t n)
{
    size_t from = 0;
    for (size_t i = 0; i < n; i++) {
        const char *to = text[i] == '&'    ? "&amp;"
                         : text[i] == '<'  ? "&lt;"
                         : text[i] == '>'  ? "&gt;"
                         : text[i] == '"'  ? "&quot;"
                         : text[i] == '\'' ? "&#39;"
                                           : NULL;
        if (!to)
            continue;
        gh_str_add(out, text + from, i - from);
        gh_str_puts(out, to);
        from = i + 1;
    }
    gh_str_add(out, text + from, n - from);
}

/* Borrowed; NULL when there is no such thing. */
static const json_t *find(const struct filling *f, const char *path)
{
    char first[64];
    size_t n = strcspn(path, ".");
    const json_t *v = NULL;
    if (gh_streq(path, "."))
        return f->stack[f->n - 1];
    if (n >= sizeof(first))
        return NULL;
    memcpy(first, path, n);
    first[n] = 0;
    for (size_t i = f->n; i > 0 && !v; i--)
        v = json_object_get(f->stack[i - 1], first);
    while (v && path[n] == '.') {
        path += n + 1;
        n = strcspn(path, ".");
        if (n >= sizeof(first))
            return NULL;
        memcpy(first, path, n);
        first[n] = 0;
        v = json_object_get(v, first);
    }
    return v;
}

static bool is_something(const json_t *v)
{
    switch (v ? json_typeof(v) : JSON_NULL) {
    case JSON_OBJECT:
        return json_object_size(v) > 0;
    case JSON_ARRAY:
        return json_array_size(v) > 0;
    case JSON_STRING:
        return json_string_length(v) > 0;
    case JSON_INTEGER:
        return json_integer_value(v) != 0;
    case JSON_REAL:
    case JSON_TRUE:
        return true;
    default:
        return false;
    }
}

static int64_t whole(const json_t *v)
{
    double d = json_number_value(v);
    if (json_is_integer(v))
        return json_integer_value(v);
    return d > -9e15 && d < 9e15 ? (int64_t)d : 0;
}

/* The value without a filter. */
static void add_plain(struct gh_str *out, const json_t *v)
{
    if (json_is_string(v))
        gh_str_add(out, json_string_value(v), GH_MIN(json_string_length(v), (size_t)TEXT_MAX));
    else if (json_is_number(v))
        gh_str_printf(out, "%" PRId64, whole(v));
}

/* Only addresses of the web and of this desk: no script, no other scheme. */
static void add_url(struct gh_str *out, const char *url)
{
    if (url && (gh_starts(url, "https://") || gh_starts(url, "http://") ||
                (*url == '/' && url[1] != '/' && url[1] != '\\')))
        gh_str_puts(out, url);
}

static void add_filtered(const struct filling *f, struct gh_str *out, const struct look *l,
                         const json_t *v)
{
    int64_t n = whole(v);
    bool known = json_is_number(v) || moment_of(json_string_value(v), &n);
    if (gh_streq(l->filter, "say") && gh_streq(l->arg, "reason")) {
        if (json_is_string(v))
            gh_reasons_say(out, f->tongue, json_string_value(v));
        return;
    }
    if (gh_streq(l->filter, "say") && gh_streq(l->arg, "hours")) {
        if (json_is_string(v))
            gh_say_hours(out, f->tongue->words, json_string_value(v));
        return;
    }
    if (gh_streq(l->filter, "say")) {
        if (json_is_string(v))
            gh_str_puts(out, gh_say(f->tongue->words, l->arg, json_string_value(v)));
        return;
    }
    if (gh_streq(l->filter, "url")) {
        add_url(out, json_string_value(v));
        return;
    }
    for (size_t i = 0; known && i < GH_LEN(spoken); i++)
        if (gh_streq(spoken[i].name, l->filter))
            gh_speak(out, f->tongue->words, spoken[i].as, n, f->tongue->now_ms);
    if (!known)
        add_plain(out, v);
}

/* The value as a text, not escaped yet. */
static void add_look(const struct filling *f, struct gh_str *out, const struct look *l)
{
    const json_t *v = find(f, l->path);
    if (!is_something(v) && !json_is_integer(v))
        return;
    if (l->filter)
        add_filtered(f, out, l, v);
    else
        add_plain(out, v);
}

static void escape_str(const struct filling *f, const struct gh_str *text)
{
    add_escaped(f->out, gh_str_text(text), text->len);
}

/* What {name} means in the text of this node. */
static void add_hole(const struct filling *f, struct gh_str *out, const struct node *n,
                     const char *name)
{
    for (size_t i = 0; i < n->n_args; i++) {
        if (gh_streq(n->args[i].name, name)) {
            add_look(f, out, &n->args[i].look);
            return;
        }
    }
    const json_t *v = find(f, name);
    if (json_is_integer(v))
        gh_speak(out, f->tongue->words, GH_SPEAK_NUMBER, json_integer_value(v), 0);
    else
        add_plain(out, v);
}

static void add_words(const struct filling *f, const struct node *n, const char *text)
{
    GH_AUTO_STR out = {0};
    while (*text) {
        char name[64];
        size_t plain = strcspn(text, "{");
        gh_str_add(&out, text, plain);
        text += plain;
        size_t len = strcspn(text, "}");
        if (!*text || !text[len] || len >= sizeof(name)) {
            gh_str_puts(&out, text);
            break;
        }
        memcpy(name, text + 1, len - 1);
        name[len - 1] = 0;
        add_hole(f, &out, n, name);
        text += len + 1;
    }
    escape_str(f, &out);
}

static void fill_nodes(struct filling *f, const struct template *t, size_t from, size_t to);

static void fill_with(struct filling *f, const struct template *t, size_t i, const json_t *item)
{
    if (f->n == GH_LEN(f->stack))
        return;
    f->stack[f->n++] = item;
    fill_nodes(f, t, i + 1, t->nodes[i].end);
    f->n--;
}

static void fill_section(struct filling *f, const struct template *t, size_t i)
{
    const struct node *n = &t->nodes[i];
    const json_t *v = find(f, n->look.path), *item;
    bool holds = n->equals ? (json_is_string(v) && gh_streq(json_string_value(v), n->equals))
                           : is_something(v);
    size_t k;
    if (holds == (n->kind == INVERTED))
        return;
    if (n->kind == INVERTED || n->equals) {
        fill_nodes(f, t, i + 1, n->end);
    } else if (json_is_array(v)) {
        json_array_foreach ((json_t *)v, k, item)
            fill_with(f, t, i, item);
    } else {
        fill_with(f, t, i, v);
    }
}

static void fill_partial(struct filling *f, size_t which)
{
    const struct template *t = &f->set->list[which];
    if (f->within++ < DEPTH_MAX)
        fill_nodes(f, t, 0, t->n);
    f->within--;
}

static void fill_node(struct filling *f, const struct template *t, size_t i)
{
    const struct node *n = &t->nodes[i];
    GH_AUTO_STR text = {0};
    switch (n->kind) {
    case TEXT:
        gh_str_add(f->out, n->text, n->len);
        break;
    case VALUE:
        add_look(f, &text, &n->look);
        escape_str(f, &text);
        break;
    case SECTION:
    case INVERTED:
        fill_section(f, t, i);
        break;
    case PARTIAL:
        fill_partial(f, n->partial);
        break;
    case WORD:
        add_words(f, n, gh_word(f->tongue->words, n->ctx, n->one));
        break;
    case PLURAL:
        add_words(f, n,
                  gh_word_n(f->tongue->words, NULL, n->one, n->many,
                            (uint64_t)GH_MAX(whole(find(f, n->look.path)), (int64_t)0)));
        break;
    case END:
        break;
    }
}

static void fill_nodes(struct filling *f, const struct template *t, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        fill_node(f, t, i);
        if (t->nodes[i].end)
            i = t->nodes[i].end;
    }
}

int gh_templates_fill(const struct gh_templates *set, const char *name, const json_t *root,
                      const struct gh_tongue *tongue, struct gh_str *out, struct gh_err *err)
{
    struct filling f = {.set = set, .tongue = tongue, .out = out, .stack = {root}, .n = 1};
    for (size_t i = 0; i < set->n; i++) {
        if (!gh_streq(set->list[i].name, name))
            continue;
        fill_nodes(&f, &set->list[i], 0, set->list[i].n);
        return 0;
    }
    return gh_fail(err, GH_BUG, "there is no template %s", name);
}
