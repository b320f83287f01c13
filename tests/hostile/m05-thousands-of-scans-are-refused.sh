#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# M5: a progressive JPEG of thousands of scans is refused by name of the limit; an honest one passes.
. tests/hostile/lib.sh
vips copy "$(photo)" "$IN/honest.jpg[interlace]" || die vips
craft jpeg_scans scans.jpg "$IN/honest.jpg"
P=fb.photo accepted "$IN/honest.jpg"
P=fb.photo refused 'more than [0-9]+ scans' "$IN/scans.jpg"
within_s 10
done_
