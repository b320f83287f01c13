/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plural rules of gettext, "nplurals=3; plural=n%10==1 && n%100!=11 ? 0 : …": C's operators on n
 * and numbers. Compiled in the order in which a machine with a stack computes it; both sides of &&,
 * || and ?: are computed, which have no effects. Errors: GH_INPUT.
 */
#include "base/words_int.h"

#include "base/str.h"

#include <string.h>

#define DEPTH_MAX 24 /* of the rule's nesting; so many values are on the stack at most */
#define STACK 64

enum op {
    OP_N,
    OP_NUMBER,
    OP_NOT,
    OP_IF,
    OP_OR,
    OP_AND,
    OP_EQUAL,
    OP_UNEQUAL,
    OP_AT_MOST,
    OP_AT_LEAST,
    OP_LESS,
    OP_MORE,
    OP_PLUS,
    OP_MINUS,
    OP_TIMES,
    OP_OVER,
    OP_REST,
};

/* Of two values; of those that begin alike the longer one first. */
static const struct {
    char sign[3];
    uint8_t op, binds;
} binaries[] = {
    {"||", OP_OR, 1},      {"&&", OP_AND, 2},      {"==", OP_EQUAL, 3}, {"!=", OP_UNEQUAL, 3},
    {"<=", OP_AT_MOST, 4}, {">=", OP_AT_LEAST, 4}, {"<", OP_LESS, 4},   {">", OP_MORE, 4},
    {"+", OP_PLUS, 5},     {"-", OP_MINUS, 5},     {"*", OP_TIMES, 6},  {"/", OP_OVER, 6},
    {"%", OP_REST, 6},
};
#define BINDS_MOST 7

struct reader {
    const char *at;
    struct gh_plural *rule;
    unsigned depth, stacked;
    bool bad;
};

static void read_choice(struct reader *r);

/* takes: how many values the step takes from the stack; it leaves one. */
static void emit(struct reader *r, enum op op, uint32_t value, unsigned takes)
{
    if (r->rule->n == GH_PLURAL_OPS || r->stacked < takes || r->stacked - takes + 1 > STACK) {
        r->bad = true;
        return;
    }
    r->stacked = r->stacked - takes + 1;
    r->rule->ops[r->rule->n++] = (struct gh_plural_op){.op = op, .value = value};
}

static bool accept(struct reader *r, const char *sign)
{
    r->at += strspn(r->at, " \t");
    if (!gh_starts(r->at, sign))
        return false;
    r->at += strlen(sign);
    return true;
}

static void read_value(struct reader *r)
{
    uint32_t number = 0;
    if (r->bad || r->depth > DEPTH_MAX) {
        r->bad = true;
        return;
    }
    r->depth++;
    if (accept(r, "!")) {
        read_value(r);
        emit(r, OP_NOT, 0, 1);
    } else if (accept(r, "(")) {
        read_choice(r);
        r->bad = r->bad || !accept(r, ")");
    } else if (accept(r, "n")) {
        emit(r, OP_N, 0, 0);
    } else if (*r->at >= '0' && *r->at <= '9') {
        for (; *r->at >= '0' && *r->at <= '9' && number < 100000000; r->at++)
            number = number * 10 + (uint32_t)(*r->at - '0');
        emit(r, OP_NUMBER, number, 0);
    } else {
        r->bad = true;
    }
    r->depth--;
}

/* Values joined by operators that bind at least so strongly. */
static void read_operators(struct reader *r, uint8_t binds)
{
    if (binds == BINDS_MOST) {
        read_value(r);
        return;
    }
    read_operators(r, binds + 1);
    for (size_t i = 0; i < GH_LEN(binaries) && !r->bad; i++)
        if (binaries[i].binds == binds && accept(r, binaries[i].sign)) {
            read_operators(r, binds + 1);
            emit(r, binaries[i].op, 0, 2);
            i = (size_t)-1; /* and the next operator, from the beginning of the table */
        }
}

static void read_choice(struct reader *r)
{
    if (r->depth++ > DEPTH_MAX)
        r->bad = true;
    read_operators(r, 1);
    if (!r->bad && accept(r, "?")) {
        read_choice(r);
        r->bad = r->bad || !accept(r, ":");
        read_choice(r);
        emit(r, OP_IF, 0, 3);
    }
    r->depth--;
}

int gh_plural_parse(const char *text, struct gh_plural *ret, struct gh_err *err)
{
    struct gh_plural rule = {0};
    struct reader r = {.at = text, .rule = &rule};
    if (accept(&r, "nplurals") && accept(&r, "=")) {
        r.at += strspn(r.at, " ");
        for (; *r.at >= '0' && *r.at <= '9' && rule.forms <= GH_PLURAL_FORMS; r.at++)
            rule.forms = rule.forms * 10 + (uint32_t)(*r.at - '0');
    }
    if (rule.forms < 1 || rule.forms > GH_PLURAL_FORMS || !accept(&r, ";") ||
        !accept(&r, "plural") || !accept(&r, "="))
        return gh_fail(err, GH_INPUT,
                       "a plural rule without nplurals=1 to %d; plural=", GH_PLURAL_FORMS);
    read_choice(&r);
    (void)!accept(&r, ";");
    r.at += strspn(r.at, " \t");
    if (r.bad || r.stacked != 1 || (*r.at && *r.at != '\n'))
        return gh_fail(err, GH_INPUT, "a plural rule that cannot be read");
    *ret = rule;
    return 0;
}

static uint64_t compute(enum op op, uint64_t a, uint64_t b)
{
    switch (op) {
    case OP_OR:
        return a || b;
    case OP_AND:
        return a && b;
    case OP_EQUAL:
        return a == b;
    case OP_UNEQUAL:
        return a != b;
    case OP_AT_MOST:
        return a <= b;
    case OP_AT_LEAST:
        return a >= b;
    case OP_LESS:
        return a < b;
    case OP_MORE:
        return a > b;
    case OP_PLUS:
        return a + b;
    case OP_MINUS:
        return a - b;
    case OP_TIMES:
        return a * b;
    case OP_OVER:
        return b ? a / b : 0;
    case OP_REST:
        return b ? a % b : 0;
    case OP_N:
    case OP_NUMBER:
    case OP_NOT:
    case OP_IF:
        break;
    }
    return 0;
}

uint32_t gh_plural_of(const struct gh_plural *p, uint64_t n)
{
    uint64_t stack[STACK];
    size_t top = 0; /* gh_plural_parse has seen that it stays within the stack */
    if (p->n == 0)
        return n != 1;
    for (uint32_t i = 0; i < p->n; i++) {
        const struct gh_plural_op *o = &p->ops[i];
        if (o->op == OP_N || o->op == OP_NUMBER) {
            stack[top++] = o->op == OP_N ? n : o->value;
        } else if (o->op == OP_NOT) {
            stack[top - 1] = !stack[top - 1];
        } else if (o->op == OP_IF) {
            top -= 2;
            stack[top - 1] = stack[top - 1] ? stack[top] : stack[top + 1];
        } else {
            top--;
            stack[top - 1] = compute(o->op, stack[top - 1], stack[top]);
        }
    }
    return stack[0] < p->forms ? (uint32_t)stack[0] : 0;
}
