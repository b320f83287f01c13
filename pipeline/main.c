/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ghat-worker: started by ghatd or ghat, as a nursery with its socket on descriptor 3, with
 * --selftest to show that the sandbox holds on this machine, with --try-encoder=NAME:DEVICE to show
 * that a hardware encoder works, with --logo or --label to make an overlay file from descriptor
 * 0 on descriptor 1, or with --holidays the days of an iCalendar file. It takes no other options
 * and reads no files: people use ghat.
 */
#include "base/str.h"
#include "pipeline/child/nursery.h"
#include "pipeline/document/holidays.h"
#include "pipeline/encode/device.h"
#include "pipeline/photo/overlay.h"
#include "pipeline/walls/sandbox.h"

#include <stdio.h>
#include <string.h>

#define NURSERY_SOCK 3
#define TRY_ENCODER "--try-encoder="
#define EXIT_USAGE 2

int main(int argc, char **argv)
{
    bool selftest = false, seccomp_only = false, nursery = false, logo = false, label = false,
         holidays = false;
    for (int i = 1; i < argc; i++) {
        bool *option = gh_streq(argv[i], "--selftest")       ? &selftest
                       : gh_streq(argv[i], "--seccomp-only") ? &seccomp_only
                       : gh_streq(argv[i], "--nursery")      ? &nursery
                       : gh_streq(argv[i], "--logo")         ? &logo
                       : gh_streq(argv[i], "--label")        ? &label
                       : gh_streq(argv[i], "--holidays")     ? &holidays
                                                             : NULL;
        if (!option && !strncmp(argv[i], TRY_ENCODER, strlen(TRY_ENCODER)))
            return gh_device_try(argv[i] + strlen(TRY_ENCODER));
        if (!option) {
            fprintf(stderr, "ghat-worker: unknown option %s\n", argv[i]);
            return EXIT_USAGE;
        }
        *option = true;
    }
    if (selftest)
        return gh_selftest(seccomp_only);
    if (logo || label) {
        int r = logo ? gh_overlay_make_logo(seccomp_only) : gh_overlay_make_label();
        fflush(stderr);
        _exit(r); /* not exit(): a sanitizer would report the caches of fontconfig and Pango */
    }
    if (holidays)
        return gh_holidays_run(seccomp_only);
    if (!nursery) {
        fprintf(stderr, "ghat-worker %s is started by ghatd and ghat; try ghat-worker --selftest\n",
                GH_VERSION);
        return EXIT_USAGE;
    }
    /* Not exit() either: handlers that libraries registered must not run in a process that shares
     * descriptors with its children. */
    _exit(gh_nursery_run(NURSERY_SOCK, seccomp_only));
}
