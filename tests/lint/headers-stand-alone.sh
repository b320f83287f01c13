#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every header compiles alone, with gcc and with clang.
set -u
flags=(-std=gnu11 -I. -D_GNU_SOURCE -DGH_VERSION='"0"' -DGH_SYSCONFDIR='"/"' -DGH_LIBEXECDIR='"/"' -DGH_DATADIR='"/"' -Wall -Wextra -Werror -fsyntax-only)
read -ra media < <(pkg-config --cflags libavformat libavcodec libavfilter libavutil vips libjpeg zimg libexif libarchive expat lcms2 libseccomp sqlite3 libsystemd jansson inih cmocka libmicrohttpd libsodium)
bad=0
for cc in gcc clang; do
    for h in {base,filters,ctl,desk,post}/*.h {daemon,pipeline}/*.h {daemon,pipeline}/*/*.h; do
        [ -e "$h" ] || continue
        [ "$h" = filters/list.h ] && continue # an X-macro: included twice by filter.c
        printf '#include "%s"\n#include "%s"\ntypedef int gh_not_empty;\n' "$h" "$h" |
            $cc "${flags[@]}" "${media[@]}" -x c - || { echo "$h does not compile alone with $cc"; bad=1; }
    done
done
exit $bad
