#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every file of the corpus' orientation renders to all its placements, and the judge finds nothing wrong.
. tests/corpus/lib.sh
judged orientation
ok=$?
# All eight of each shape must be the same picture, upright: compared as small grey pictures.
for shape in landscape portrait; do
    for n in 2 3 4 5 6 7 8; do
        psnr=$(ffmpeg -nostdin -hide_banner -i "$OUT/fb.photo/${shape}_1.jpg" -i "$OUT/fb.photo/${shape}_$n.jpg" \
            -lavfi '[0]scale=64:64,format=gray[a];[1]scale=64:64,format=gray[b];[a][b]psnr' -f null - 2>&1 | sed -n 's/.*average:\([0-9.]*\|inf\).*/\1/p')
        case $psnr in inf) ;; *) awk -v p="${psnr:-0}" 'BEGIN { exit !(p > 22) }' || { echo "${shape}_$n is not upright: PSNR $psnr"; ok=1; } ;; esac
    done
done
exit $ok
