/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Package of code lengths as in ITU-T T.81 annex K.2, with frequencies taken back from the lengths of the sample's
 * codes. */
#include "pipeline/jpeg_huff.h"

#include <stdint.h>
#include <string.h>

#define SYMBOLS 256
#define RESERVED SYMBOLS /* no code may be all ones: this symbol takes it */
#define LONGEST 16
#define DEEPEST 64 /* frequencies below 2^20 make no tree deeper than 30 */

/* What a baseline scan of 8-bit samples can contain: DC sizes 0…11; AC run/size with sizes 1…10, end of block, sixteen
 * zeros. */
static bool possible(unsigned symbol, bool ac)
{
    if (!ac)
        return symbol <= 11;
    return (symbol & 15) <= 10 && ((symbol & 15) != 0 || symbol == 0x00 || symbol == 0xf0);
}

static void frequencies(const JHUFF_TBL *sample, bool ac, uint32_t freq[SYMBOLS + 1])
{
    unsigned at = 0;
    for (unsigned s = 0; s < SYMBOLS; s++)
        freq[s] = possible(s, ac) ? 1 : 0;
    freq[RESERVED] = 1;
    for (unsigned len = 1; len <= LONGEST; len++)
        for (unsigned i = 0; i < sample->bits[len] && at < SYMBOLS; i++, at++)
            if (freq[sample->huffval[at]])
                freq[sample->huffval[at]] = 4u << (LONGEST - len);
}

/* The symbol with the least frequency (0: none left), the larger number of equals, not `but`. */
static int least(const uint32_t freq[SYMBOLS + 1], int but)
{
    int found = -1;
    for (int i = 0; i <= SYMBOLS; i++)
        if (freq[i] && i != but && (found < 0 || freq[i] <= freq[found]))
            found = i;
    return found;
}

/* Number of codes of each length, by merging the two rarest until one tree is left. */
static void lengths(uint32_t freq[SYMBOLS + 1], unsigned size[SYMBOLS + 1])
{
    int next[SYMBOLS + 1];
    memset(size, 0, sizeof(unsigned) * (SYMBOLS + 1));
    memset(next, -1, sizeof next);
    for (;;) {
        int a = least(freq, -1), b = least(freq, a);
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

/* Bring codes longer than allowed up: two of the longest become one shorter, a code further up is split. */
static void limit(unsigned bits[DEEPEST + 1])
{
    for (unsigned i = DEEPEST; i > LONGEST; i--)
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
    unsigned size[SYMBOLS + 1], bits[DEEPEST + 1] = {0}, at = 0;
    frequencies(sample, ac, freq);
    lengths(freq, size);
    for (unsigned s = 0; s <= SYMBOLS; s++)
        if (size[s])
            bits[size[s]]++;
    limit(bits);
    memset(table->bits, 0, sizeof table->bits);
    memset(table->huffval, 0, sizeof table->huffval);
    for (unsigned len = 1; len <= LONGEST; len++)
        table->bits[len] = (UINT8)bits[len];
    for (unsigned len = 1; len < DEEPEST + 1; len++)
        for (unsigned s = 0; s < SYMBOLS; s++)
            if (size[s] == len)
                table->huffval[at++] = (UINT8)s;
    table->sent_table = FALSE;
}
