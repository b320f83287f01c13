; Facebook Page photo. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = fb.photo
title = Facebook Page photo
platform = Facebook
words = facebook, fb, ফেসবুক, फेसबुक
kind = photo
checked = 2026-11-23
source = Meta Page Photos reference; API error 1366046 (4 MB); 2048 px edge: Ayrshare; 10 photos a post (mixpost@df57648)
version = 3

[limits]
bytes_max = 4000000
long_max = 29999
pixels_max = 80000000
progressive_ok = yes
album_max = 10

[target]
quality = 88
quality_min = 70
quality_floor = 85
progressive = no
subsampling = auto
shrink_min = 1024

[filters]
orient =
fit = mode=inside sizes=2048x2048
colour = to=srgb

[caption]
max = 63206
