#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The walls between the rooms (tools/rooms), as one table. A room may use only what stands above it, so no two rooms
# include each other and no circle of any length can be permitted. What nobody uses is not permitted: the table says
# what is so. A second table says the same of libraries; what is not named there is libc.
set -u
bad=0
rooms='
base:
filters: base
loop: base
ledger: base
calendar: base
plan: base filters
engine: base calendar loop plan
site: base calendar engine ledger plan
store: base site
notice: base calendar ledger loop site
question: base calendar ledger loop site store
event: base calendar ledger loop site store
intake: base engine event loop question site store
receipt: base intake ledger loop site
attempt: base engine ledger plan site store
preview: base engine ledger site store
publish: base attempt ledger loop plan site store
upkeep: base engine intake ledger publish store
verify: base ledger publish
backup: base ledger store
control: base attempt event intake ledger loop notice preview publish question site upkeep
daemon: base attempt control engine event intake notice preview publish question receipt store upkeep
ctl: backup base engine filters ledger plan site verify
walls: base
pipeline: base
input: base pipeline
encode: base input walls
audio: base input
meta: base
document: base walls
photo: base meta pipeline walls
video: base audio encode input meta photo pipeline
child: base document encode photo pipeline video walls
desk: base
post: base
worker: base child document encode photo walls
'
libraries='
jansson: base attempt control ctl desk post plan publish verify
ini.h: base
openssl/: base
utf8proc: base ctl
sqlite3: ledger
systemd/: daemon
liboath/: control
seccomp: base
microhttpd: desk
sodium: desk
qrencode: ctl desk
zlib: base desk
curl/: post
libav: audio encode input photo video
libsw: audio video
vips/: photo
glib: child
jpeg: photo
jerror: photo
lcms2: photo
zimg: photo
pango/: photo
libexif/: meta
archive: document
expat: document
libical/: document
'
tools/rooms --arrows >"$TMPDIR/arrows" || exit 1
{ grep -nHE '^ *# *include *<' {base,filters,ctl,desk,post}/*.[ch] {daemon,pipeline}/{,*/}*.[ch] 2>/dev/null; } |
    sed -nE 's|^([^:]*):[0-9]*: *# *include *<([^>]*)>.*|\1 \2|p' >"$TMPDIR/libraries"
[ "$(wc -l <"$TMPDIR/arrows")" -gt 200 ] && [ "$(wc -l <"$TMPDIR/libraries")" -gt 400 ] || { echo "hardly an include was found"; exit 1; }

awk -v rooms="$rooms" -v libraries="$libraries" '
    function say(text) { print text; bad = 1 }
    function room(path, part, n) {
        n = split(path, part, "/")
        return path == "pipeline/main.c" ? "worker" : n > 2 ? part[2] : part[1]
    }
    BEGIN {
        n = split(rooms, row, "\n")
        for (i = 1; i <= n; i++) {
            k = split(row[i], word, /:? +|:$/)
            if (word[1] == "") continue
            for (j = 2; j <= k; j++) if (word[j] != "") {
                if (!(word[j] in known)) say("the table lets " word[1] " use " word[j] ", which does not stand above it")
                may[word[1], word[j]] = 1
            }
            known[word[1]] = 1
        }
        n = split(libraries, row, "\n")
        for (i = 1; i <= n; i++) {
            k = split(row[i], word, /: +/)
            if (k != 2) continue
            k = split(word[2], of, " ")
            for (j = 1; j <= k; j++) allowed[word[1], of[j]] = 1
            library[word[1]] = 1
        }
    }
    FILENAME ~ /arrows$/ {
        if (!($1 in known)) say($3 ": the table has no room " $1)
        else if (!(($1, $2) in may)) say($3 " includes \"" $4 "\": " $1 " may not use " $2)
        if ($4 ~ /_int\.h$/) say($3 " includes \"" $4 "\", which is private to " $2)
        used[$1, $2] = 1
        if ((($2, $1) in used) && !told[$1, $2]++ && !told[$2, $1]++) say($1 " and " $2 " include each other")
    }
    FILENAME ~ /libraries$/ {
        for (l in library) if (index($2, l) == 1) {
            if (!((l, room($1)) in allowed)) say($1 " includes <" $2 ">: " room($1) " may not use this library")
            linked[l, room($1)] = 1
        }
    }
    END {
        for (m in may) if (!(m in used)) { split(m, w, SUBSEP); say("the table lets " w[1] " use " w[2] ", but no file does") }
        for (a in allowed) if (!(a in linked)) { split(a, w, SUBSEP); say("the table lets " w[2] " use the library " w[1] ", but no file does") }
        exit bad
    }' "$TMPDIR/arrows" "$TMPDIR/libraries" || bad=1
tools/rooms --check docs/ARCHITECTURE.md || bad=1
exit $bad
