/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ghat-worker: started by ghatd or ghat, as a nursery with its socket on descriptor 3, with --selftest to show that the
 * sandbox holds on this machine, with --try-encoder=NAME:DEVICE to show that an encoder does, or with --logo or --label
 * to make an overlay file from descriptor 0 on descriptor 1. Not for people: it takes nothing but these options.
 */
#include "base/str.h"
#include "pipeline/device.h"
#include "pipeline/nursery.h"
#include "pipeline/overlay.h"
#include "pipeline/sandbox.h"

#include <stdio.h>
#include <string.h>

#define NURSERY_SOCK 3
#define TRY_ENCODER "--try-encoder="

int main(int argc, char **argv)
{
    bool selftest = false, seccomp_only = false, nursery = false, logo = false, label = false;
    for (int i = 1; i < argc; i++) {
        bool *option = gh_streq(argv[i], "--selftest")       ? &selftest
                       : gh_streq(argv[i], "--seccomp-only") ? &seccomp_only
                       : gh_streq(argv[i], "--nursery")      ? &nursery
                       : gh_streq(argv[i], "--logo")         ? &logo
                       : gh_streq(argv[i], "--label")        ? &label
                                                             : NULL;
        if (!option && !strncmp(argv[i], TRY_ENCODER, strlen(TRY_ENCODER)))
            return gh_device_try(argv[i] + strlen(TRY_ENCODER));
        if (!option) {
            fprintf(stderr, "ghat-worker: unknown option %s\n", argv[i]);
            return 2;
        }
        *option = true;
    }
    if (selftest)
        return gh_selftest(seccomp_only);
    if (logo || label) {
        int r = logo ? gh_overlay_make_logo(seccomp_only) : gh_overlay_make_label();
        fflush(stderr);
        _exit(r); /* fontconfig and Pango keep their caches, which is no leak of ours */
    }
    if (!nursery) {
        fprintf(stderr, "ghat-worker %s is started by ghatd and ghat; try ghat-worker --selftest\n", GH_VERSION);
        return 2;
    }
    /* Not exit() either: what libraries do at the end may not run in a process that shares descriptors with its
     * children. */
    _exit(gh_nursery_run(NURSERY_SOCK, seccomp_only));
}
