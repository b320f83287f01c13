#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# path.sh FOLDER SET…: a folder below FOLDER of links to the programs a test may use, its path on stdout: those of the packages of tools/deps.sh's
# sets, of what they depend on, and of Debian's required and important ones; nothing else that happens to be installed, so that a package
# which no list names is missing on every machine. Where programs are alternatives (awk), the best one of those packages, whatever
# the machine prefers. Made once for a state of dpkg. Ends with 1 where there is no dpkg.
set -euo pipefail
folder=$1
shift
db=/var/lib/dpkg
command -v dpkg-query >/dev/null && [ -r $db/status ] || exit 1
here=$(dirname "$0")
wanted=$("$here/../tools/deps.sh" --list "$@")
key=$({ echo "$wanted"; cat "$0" $db/status $db/alternatives/* $db/diversions; } 2>/dev/null | sha256sum | cut -c1-16)
path=$folder/$key
if [ -d "$path" ]; then echo "$path"; exit; fi

# The packages, by name. What a dependency means: its first alternative that is there; a name that others provide only where none of them
# is taken already.
packages=$(dpkg-query -W -f '${db:Status-Status}\t${Package}\t${binary:Package}\t${Priority}\t${Essential}\t${Provides}\t${Pre-Depends}, ${Depends}\n' |
    awk -F '\t' -v wanted="$wanted" '
    function plain(name) { gsub(/\([^)]*\)|:[a-z0-9]+|[ \n]/, "", name); return name }
    function take(name) { if (name in there && !(name in taken)) { taken[name] = 1; queue[++last] = name } }
    $1 != "installed" { next }
    {
        there[$2] = 1; full[$2] = $3; depends[$2] = $7
        if ($4 == "required" || $5 == "yes") base[$2] = 1
        if ($4 == "important") also[$2] = 1
        n = split($6, list, ",")
        for (i = 1; i <= n; i++) { v = plain(list[i]); if (v != "") provided[v] = provided[v] " " $2 }
    }
    END {
        n = split(wanted, w, "\n")
        for (i = 1; i <= n; i++) take(w[i])
        for (p in base) take(p)
        for (;;) {
            while (at < last) { # all that is named outright; the rest is put off
                n = split(depends[queue[++at]], group, ",")
                for (i = 1; i <= n; i++) {
                    m = split(group[i], any, "|")
                    if (m == 0) continue
                    if (plain(any[1]) in there) take(plain(any[1])); else if (plain(group[i]) != "") later[++put] = group[i]
                }
            }
            if (done == put) break
            m = split(later[++done], any, "|")
            hit = 0
            for (i = 1; i <= m && !hit; i++) {
                v = plain(any[i])
                if (v in taken) hit = 1
                k = split(provided[v], who, " ")
                for (j = 1; j <= k; j++) if (who[j] in taken) hit = 1
            }
            for (i = 1; i <= m && !hit; i++) if (plain(any[i]) in there) { take(plain(any[i])); hit = 1 }
            for (i = 1; i <= m && !hit; i++) {
                k = split(provided[plain(any[i])], who, " ")
                for (j = 1; j <= k; j++) { take(who[j]); hit = 1 }
            }
        }
        for (p in also) take(p) # these, but not what they depend on: a smaller Debian has neither
        for (p in taken) print full[p]
    }')

# Names and what they link to: files of those packages, then alternatives among them.
mkdir -p "$folder"
new=$(mktemp -d "$folder/.new-XXXXXX")
trap 'rm -rf "$new"' EXIT
chmod 755 "$new"
{ dpkg-query -L $packages; for f in $db/alternatives/*; do [ ! -e "$f" ] || { echo "= $f"; cat "$f"; echo; }; done; } | awk '
    function merged(file) { sub(/^\/usr\//, "/", file); return file }
    function bin(file) { return file ~ /^(\/usr)?\/s?bin\/[^\/]+$/ }
    function name(file) { sub(/.*\//, "", file); return file }
    /^= \// { links = 1; state = "status"; next }
    !links && /^(diverted by|locally diverted)/ { sub(/.*to: /, ""); if (bin(was)) program[name(was)] = $0; next }
    !links { was = $0; have[merged($0)] = 1; if (bin($0)) program[name($0)] = $0; next }
    state == "status" { state = "link"; next }
    state == "link" { count = 1; link[1] = $0; state = "slave"; next }
    state == "slave" { if ($0 == "") { state = "choice"; best = "" } else { getline; link[++count] = $0 } next }
    state == "choice" && $0 == "" { next }
    state == "choice" {
        choice = $0; getline; rank = $0 + 0
        ok = (merged(choice) in have) && (best == "" || rank > best)
        if (ok) best = rank
        for (i = 1; i <= count; i++) {
            if (i == 1) target = choice; else getline target
            if (ok && bin(link[i])) { if (target == "") delete program[name(link[i])]; else program[name(link[i])] = target }
        }
        next
    }
    END { for (p in program) print program[p] "\t" p }' |
    while IFS=$'\t' read -r target name; do
        if [ ! -x "$target" ]; then continue; fi
        if [ "${target##*/}" = "$name" ]; then echo "$target"; else ln -s "$target" "$new/$name"; fi
    done | xargs -d '\n' ln -s -t "$new"
mv -T "$new" "$path" 2>/dev/null || [ -d "$path" ] # another run was faster
trap - EXIT
rm -rf "$new"
echo "$path"
