#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A video is staged for every video placement, and as a thumbnail; ffprobe agrees with each.
. tests/e2e/lib.sh
configure
department Water water
start

clip=$(media clip.mp4)
cp "$clip" "$T/srv/drop/Water/Opening.mp4"
arrives Opening.mp4 staged 240
same placements "$(item "$ID" '.placements | to_entries | map("\(.key)=\(.value)") | sort | join(" ")')" \
    "$(for p in $VIDEOS; do printf '%s=staged ' "$p"; done | sed 's/ $//')"

probe() { ffprobe -v error -show_streams -show_format -of json "$1" | jq -er "$2"; }
while IFS=$'\t' read -r placement stage sha; do
    file=$T/srv/staging/$stage
    same "hash of $placement" "$(hash_of "$file")" "$sha"
    leak=$(exiftool -a -u -ee -G1 "$file" | grep -Ei 'GPS|22\.57|22 deg|private|title' || :)
    [ -z "$leak" ] || die "$placement still says: $leak"
    if [ "$placement" = yt.thumb ]; then
        same thumb "$(exiftool -s3 -ImageSize "$file")" 1280x720
        continue
    fi
    decodes "$file" || die "$placement does not decode"
    same "codecs of $placement" "$(probe "$file" '[.streams[].codec_name] | sort | join(" ")')" "aac h264"
    same "pixels of $placement" "$(probe "$file" '.streams[] | select(.codec_type == "video") | .pix_fmt')" yuv420p
    probe "$file" '.format.duration | tonumber | . > 5.8 and . < 6.2' >/dev/null || die "$placement has lost some of its six seconds"
    first=$(probe "$file" '.format.format_name')
    [[ $first == *mp4* ]] || die "$placement is $first"
    # moov before mdat, and no edit list: judged on the bytes
    python3 - "$file" <<'P' || die "$placement: the order of its boxes"
import struct, sys
data, at, order = open(sys.argv[1], 'rb').read(), 0, []
while at + 8 <= len(data):
    size, kind = struct.unpack('>I4s', data[at:at + 8])
    size = struct.unpack('>Q', data[at + 8:at + 16])[0] if size == 1 else size or len(data) - at
    order.append(kind.decode('latin1')); at += size
sys.exit(0 if order.index('moov') < order.index('mdat') and b'elst' not in data[:data.index(b'mdat')] else print(order) or 1)
P
    case $placement in
    vertical.short | story.video) same "size of $placement" "$(probe "$file" '.streams[] | select(.codec_type == "video") | "\(.width)x\(.height)"')" 1080x1920 ;;
    wa.video)
        same "B frames of $placement" "$(probe "$file" '.streams[] | select(.codec_type == "video") | .has_b_frames')" 0
        [ "$(stat -c %s "$file")" -le 16000000 ] || die "wa.video is too large" ;;
    esac
done < <(ghat show "$ID" --json | jq -r '.renditions[] | [.placement, .stage, .sha256] | @tsv')
