/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vector instructions of 256 bits: where they can be compiled VECTORS is 1, and AVX2 is asked for
 * when the program runs. */
#ifndef GH_PIPELINE_PHOTO_VECTORS_H
#define GH_PIPELINE_PHOTO_VECTORS_H

#include <stdbool.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define VECTORS 1
#else
#define VECTORS 0
#endif

/** Has the processor AVX2? */
static inline bool gh_has_vectors(void)
{
#if VECTORS
    return __builtin_cpu_supports("avx2");
#else
    return false;
#endif
}

#endif
