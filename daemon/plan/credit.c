/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of the corporation come from the configuration; a department is named by its title. */
#include "daemon/plan/credit.h"

#include "base/str.h"

#include <string.h>

static void append(char *text, size_t size, const char *more)
{
    size_t n = strlen(text);
    gh_copy(text + n, size - n, more);
}

void gh_credit_of(const struct gh_conf *conf, const char *department, struct gh_credit *ret)
{
    const char *artist = conf->artist ? conf->artist : conf->corporation;
    bool named = department && *department && gh_utf8_valid(department, strlen(department));
    *ret = (struct gh_credit){0};
    if (artist && *artist) {
        GH_COPY(ret->artist, artist);
        if (named) {
            append(ret->artist, sizeof(ret->artist), "; ");
            append(ret->artist, sizeof(ret->artist), department);
        }
    }
    if (conf->copyright) {
        GH_COPY(ret->copyright, conf->copyright);
    } else if (conf->corporation && *conf->corporation) {
        GH_COPY(ret->copyright, "© ");
        append(ret->copyright, sizeof(ret->copyright), conf->corporation);
        if (named) {
            append(ret->copyright, sizeof(ret->copyright), ", ");
            append(ret->copyright, sizeof(ret->copyright), department);
        }
    }
}
