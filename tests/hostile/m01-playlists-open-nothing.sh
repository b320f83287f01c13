#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# M1: a playlist, a list of files, or a reference in a container, under whatever name, is refused or shown without it; no process of ours
# opens the file it names or makes a socket, and the refusal names what it wanted.
. tests/hostile/lib.sh
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" # LeakSanitizer does not work under strace
mkdir -p "$TMPDIR/other"
secret=$TMPDIR/other/secret.mp4
cp "$(clip)" "$secret"
hls="#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://$secret\n#EXT-X-ENDLIST\n"
for e in mp4 mov jpg bin; do printf "$hls" >"$IN/hls.$e"; done
printf "$hls" | sed 's,file://,http://127.0.0.1:9/,' >"$IN/http.mp4"
printf "\xef\xbb\xbf$hls" >"$IN/bom.mp4"
printf "ffconcat version 1.0\nfile '%s'\n" "$secret" >"$IN/concat.mp4"
printf '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT4S"><BaseURL>file://%s</BaseURL></MPD>\n' "$secret" >"$IN/dash.mp4"
printf 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n' >"$IN/sdp.mp4"
printf '<?xml version="1.0"?>\n<CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"><a>file://%s</a></CompositionPlaylist>\n' "$secret" >"$IN/imf.mp4"
# Names are syntax to libav*: these are honest videos.
cp "$secret" "$IN/x%d.mp4"
cp "$secret" "$IN/http:x.mp4"
cp "$secret" "$IN/concat:a|b.mp4"
ff -f lavfi -i testsrc2=s=64x48 -frames:v 1 -pix_fmt yuvj420p "$TMPDIR/base/small.jpg"
craft avi_gab2 gab2.avi "$TMPDIR/base/small.jpg" "$secret"
craft mov_dref_url dref-url.mov "$(clip)" "$secret"
craft mov_dref_alias dref-alias.mov "$(clip)" "$secret"
cd "$TMPDIR" || exit 1
for f in "$IN"/*; do
    n=$(basename "$f")
    rm -rf "$OUT"
    P=x.video,fb.photo
    rc=0
    strace -f -qq -o "$TMPDIR/trace" -e trace=open,openat,openat2,socket,connect,execve,readlink,stat,newfstatat \
        ghat render -p $P -o "$OUT" "$f" >"$TMPDIR/said" 2>"$TMPDIR/errors" || rc=$?
    echo "$n: exit $rc. $(head -c 250 "$TMPDIR/errors")"
    grep -F "$secret" "$TMPDIR/trace" | grep -v execve && fail "$n: somebody asked for the secret file"
    grep -E 'socket\(AF_INET|connect\(.*AF_INET' "$TMPDIR/trace" && fail "$n: somebody made a connection"
    grep -E 'SIG[A-Z]+|killed' "$TMPDIR/errors" && fail "$n: a worker died"
    case $n in
    hls.* | bom.*) want=1 words="HLS playlist.*file://$secret" ;;
    http.mp4) want=1 words='HLS playlist.*http://127.0.0.1:9' ;;
    concat.mp4) want=1 words='unsupported type: this is a list of files' ;;
    dash.mp4) want=1 words="unsupported type: .*file://$secret" ;;
    imf.mp4 | sdp.mp4) want=1 words='unsupported type' ;;
    gab2.avi | dref-*) want='[01]' words='' ;;
    *) want=0 words='' ;;
    esac
    [[ $rc == $want ]] || fail "$n should end with $want"
    [ -z "$words" ] || grep -qE -- "$words" "$TMPDIR/errors" || fail "$n: the refusal does not say $words"
done
done_
