#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Who may include whom (DESIGN, section 4): daemon/ and pipeline/ meet at the job contract in base/ and nowhere else.
set -u
declare -A may=(
    [base]="base" [filters]="base filters" [daemon]="base filters daemon" [pipeline]="base filters pipeline"
    [ctl]="base filters daemon ctl" [desk]="base desk"
)
bad=0
for dir in "${!may[@]}"; do
    for file in "$dir"/*.[ch]; do
        [ -e "$file" ] || continue
        while read -r target; do
            ok=
            for m in ${may[$dir]}; do [[ $target == $m/* ]] && ok=1; done
            [ -n "$ok" ] || { echo "$file includes \"$target\": $dir/ may include ${may[$dir]}"; bad=1; }
        done < <(sed -n 's/^ *# *include *"\([^"]*\)".*/\1/p' "$file")
    done
done
# Libraries by folder: what is not named here needs nothing but libc.
check() { # FOLDER FORBIDDEN-PATTERN
    if grep -nE "^ *# *include *<($2)" "$1"/*.[ch] 2>/dev/null; then
        echo "$1/ may not use these libraries"; bad=1
    fi
}
media='libav|libsw|vips|jpeglib|turbojpeg|zimg|libexif|lcms|libheif|glib'
check base "$media|sqlite3|systemd|seccomp"
check filters "$media|sqlite3|systemd|seccomp|jansson|ini\\.h|openssl"
check daemon "$media|seccomp"
check ctl "$media|seccomp|sqlite3"
check pipeline 'sqlite3|systemd|jansson|ini\.h'
exit $bad
