; X post photo. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = x.photo
title = X post photo
platform = X
words = x, twitter, এক্স, টুইটার, एक्स, ट्विटर
kind = photo
checked = 2026-11-23
source = X API media best practices (5 MB: 5242880 B); 8192 accepted, 4096 served (Ayrshare); above quality 85 X recompresses; 4 photos a post
version = 2

[limits]
bytes_max = 5000000
width = 4..8192
height = 4..8192
long_max = 4096
progressive_ok = yes
album_max = 4

[target]
quality = 85
quality_min = 70
progressive = no
subsampling = auto
shrink_min = 1024

[filters]
orient =
fit = mode=inside sizes=2048x2048
colour = to=srgb

[caption]
max = 280
count = x
