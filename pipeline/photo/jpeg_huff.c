/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Code lengths by the procedure of ITU-T T.81 annex K.2, with frequencies estimated from the
 * lengths of the sample's codes. Cannot fail.
 */
#include "pipeline/photo/jpeg_huff.h"

#include <stdint.h>
#include <string.h>

#define SYMBOLS 256
#define RESERVED SYMBOLS  /* no code may be all ones: this symbol takes it */
#define LONGEST 16        /* bits of a code in a file */
#define LONGEST_BEFORE 64 /* frequencies below 2^20 make no tree deeper than 30 */

/* What a baseline scan of 8-bit samples can contain: DC sizes 0…11; AC run/size with sizes 1…10,
 * end of block, sixteen zeros. */
static bool is_possible(unsigned symbol, bool ac)
{
    if (!ac)
        return symbol <= 11;
    return (symbol & 15) <= 10 && ((symbol & 15) != 0 || symbol == 0x00 || symbol == 0xf0);
}

static void estimate_frequencies(const JHUFF_TBL *sample, bool ac, uint32_t freq[SYMBOLS + 1])
{
    unsigned at = 0;
    for (unsigned s = 0; s < SYMBOLS; s++)
        freq[s] = is_possible(s, ac) ? 1 : 0;
    freq[RESERVED] = 1;
    for (unsigned len = 1; len <= LONGEST; len++)
        for (unsigned i = 0; i < sample->bits[len] && at < SYMBOLS; i++, at++)
            if (freq[sample->huffval[at]])
                freq[sample->huffval[at]] = 4u << (LONGEST - len);
}

/* The symbol with the least frequency that is not 0, of equals the larger one, but not except; -1:
 * none. */
static int rarest(const uint32_t freq[SYMBOLS + 1], int except)
{
    int found = -1;
    for (int i = 0; i <= SYMBOLS; i++)
        if (freq[i] && i != except && (found < 0 || freq[i] <= freq[found]))
            found = i;
    return found;
}

/* The length of each symbol's code, by merging the two rarest until one tree is left. */
static void set_lengths(uint32_t freq[SYMBOLS + 1], unsigned size[SYMBOLS + 1])
{
    int next[SYMBOLS + 1];
    memset(size, 0, sizeof(unsigned) * (SYMBOLS + 1));
    memset(next, -1, sizeof(next));
    for (;;) {
        int a = rarest(freq, -1), b = rarest(freq, a);
        if (b < 0)
            return;
        freq[a] += freq[b];
        freq[b] = 0;
        for (size[a]++; next[a] >= 0; size[a]++)
            a = next[a];
        next[a] = b;
        for (size[b]++; next[b] >= 0; size[b]++)
            b = next[b];
    }
}

/* Shorten codes that are longer than allowed: of two of the longest one moves up, the other is put
 * beside a shorter code, which becomes one longer. */
static void limit_lengths(unsigned bits[LONGEST_BEFORE + 1])
{
    for (unsigned i = LONGEST_BEFORE; i > LONGEST; i--)
        while (bits[i] > 0) {
            unsigned j = i - 2;
            while (bits[j] == 0)
                j--;
            bits[i] -= 2;
            bits[i - 1]++;
            bits[j + 1] += 2;
            bits[j]--;
        }
    unsigned i = LONGEST;
    while (bits[i] == 0)
        i--;
    bits[i]--; /* the reserved symbol's */
}

void gh_huff_complete(const JHUFF_TBL *sample, bool ac, JHUFF_TBL *table)
{
    uint32_t freq[SYMBOLS + 1];
    unsigned size[SYMBOLS + 1], bits[LONGEST_BEFORE + 1] = {0}, at = 0;
    estimate_frequencies(sample, ac, freq);
    set_lengths(freq, size);
    for (unsigned s = 0; s <= SYMBOLS; s++)
        if (size[s])
            bits[size[s]]++;
    limit_lengths(bits);
    memset(table->bits, 0, sizeof(table->bits));
    memset(table->huffval, 0, sizeof(table->huffval));
    for (unsigned len = 1; len <= LONGEST; len++)
        table->bits[len] = (UINT8)bits[len];
    for (unsigned len = 1; len < LONGEST_BEFORE + 1; len++)
        for (unsigned s = 0; s < SYMBOLS; s++)
            if (size[s] == len)
                table->huffval[at++] = (UINT8)s;
    table->sent_table = FALSE;
}
