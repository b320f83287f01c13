#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# M3: metadata that inflates, loops, repeats or lies of its length costs bounded memory and time; whatever the verdict, nobody dies.
. tests/hostile/lib.sh
craft png_ztxt ztxt.png
craft png_iccp iccp.png
craft png_text text.png
craft jpeg_apps apps.jpg "$(photo)"
craft jpeg_ifd_loop loop.jpg "$(photo)"
craft jpeg_exif_lies lies.jpg "$(photo)"
craft xmp_end_missing xmp.jpg "$(photo)"
craft tiff_loop loop.tif
craft mov_deep deep.mp4
for f in "$IN"/*; do
    survived "$f"
    within_mb 400
    within_s 15
done
for f in apps loop lies xmp; do P=fb.photo accepted "$IN/$f.jpg"; done
corpus=$ROOT/../shared/corpus/hostile
for f in "$corpus"/image0*.jpg; do
    [ -e "$f" ] || continue
    survived "$f"
    within_mb 400
done
done_
