; Bluesky photo. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = bsky.photo
title = Bluesky photo
platform = Bluesky
words = bluesky, bsky, ব্লুস্কাই, ब्लूस्काई
kind = photo
default = no
checked = 2026-11-29
source = github.com/bluesky-social/atproto lexicons/app/bsky/embed/images.json at 0a6cd8e: 1000000 bytes, 2000x2000
version = 1

[limits]
bytes_max = 976000
width = 1..2000
height = 1..2000

[target]
quality = 85
quality_min = 65
progressive = no
subsampling = auto
shrink_min = 1024
[filters]
orient =
fit = mode=inside sizes=2000x2000
colour = to=srgb

[caption]
max = 300
