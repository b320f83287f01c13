/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One span of bytes out of the header Range. Numbers that do not fit in 64 bits lie beyond any
 * file. */
#include "desk/range.h"

#include "base/str.h"

#include <ctype.h>
#include <string.h>

/* Digits at *s, which moves behind them. False when there are none. */
static bool take_number(const char **s, uint64_t *ret)
{
    uint64_t n = 0;
    if (!isdigit((unsigned char)**s))
        return false;
    for (; isdigit((unsigned char)**s); (*s)++) {
        unsigned digit = (unsigned)(**s - '0');
        n = n > (UINT64_MAX - digit) / 10 ? UINT64_MAX : n * 10 + digit;
    }
    *ret = n;
    return true;
}

static enum gh_range last_bytes(uint64_t n, uint64_t size, uint64_t *ret_from, uint64_t *ret_n)
{
    if (n == 0 || size == 0)
        return GH_RANGE_BEYOND;
    *ret_n = GH_MIN(n, size);
    *ret_from = size - *ret_n;
    return GH_RANGE_PART;
}

enum gh_range gh_range_parse(const char *range, uint64_t size, uint64_t *ret_from, uint64_t *ret_n)
{
    uint64_t from, to = UINT64_MAX;
    if (!range || strncasecmp(range, "bytes=", 6) || strchr(range, ','))
        return GH_RANGE_WHOLE;
    const char *s = range + 6;
    s += strspn(s, " \t");
    if (*s == '-') {
        s++;
        if (!take_number(&s, &from) || s[strspn(s, " \t")])
            return GH_RANGE_WHOLE;
        return last_bytes(from, size, ret_from, ret_n);
    }
    if (!take_number(&s, &from) || *s++ != '-')
        return GH_RANGE_WHOLE;
    bool has_end = take_number(&s, &to);
    if (s[strspn(s, " \t")] || (has_end && to < from))
        return GH_RANGE_WHOLE;
    if (from >= size)
        return GH_RANGE_BEYOND;
    *ret_from = from;
    *ret_n = GH_MIN(to, size - 1) - from + 1;
    return GH_RANGE_PART;
}
