#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A video that passes through keeps of its bitstream what decoding needs, and of its headers what they say: a word that was hidden in any
# other unit, message, or gap is in no byte of the output.
. tests/e2e/lib.sh
unset GHAT_CONF
cd "$TMPDIR"
smuggle() { python3 "$ROOT/tests/e2e/smuggle.py" "$@"; }
ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=s=640x360:r=25:d=4 -f lavfi -i "sine=300:r=48000:d=4" -ac 2 \
    -c:v libx264 -preset ultrafast -pix_fmt yuv420p -color_primaries bt709 -color_trc bt709 -colorspace bt709 -bf 0 -g 50 \
    -x264-params nal-hrd=vbr:vbv-maxrate=4000:vbv-bufsize=4000:pic-struct=1 -c:a aac -movflags +faststart honest.mp4 || die "the clip"
picture() { ffmpeg -nostdin -v error -i "$1" -map 0:v -f framemd5 - | sed -n 's/.*, //p' | md5sum; }
renders() { # file: -> how
    rm -rf out lines
    ghat render -p yt.video -o out "$1" >lines 2>&1 || { cat lines; die "ghat render of $1"; }
    if seen "passed through" <lines; then how=passed; else how=encoded; fi
}

step "an honest one passes"
renders honest.mp4
same "how it was made" passed "$how"
same pictures "$(picture honest.mp4)" "$(picture out/yt.video/honest.mp4)"

step "what is hidden does not leave"
for kind in $(smuggle); do
    smuggle "$kind" honest.mp4 "$kind.mp4" || die "smuggle.py $kind"
    word=SMUGGLED; [ "$kind" = tail ] && word=SMU
    grep -qa $word "$kind.mp4" || die "$kind: the source has no $word in it"
    renders "$kind.mp4"
    ! grep -qa $word "out/yt.video/$kind.mp4" || die "$kind: it is in the output, which was $how"
    [ "$how" = encoded ] || same "pictures of $kind" "$(picture honest.mp4)" "$(picture "out/yt.video/$kind.mp4")"
    case $kind in
    # what no decoder complains of passes, without it
    sei-timing) ;; # decoders may complain
    sei-*|delimiter|filler|sets|behind-sets|sound-config|parameters-again|unit-13|unit-22|unit-24|unit-30) same "how $kind was made" passed "$how" ;;
    esac
done
