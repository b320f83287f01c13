; Photo for newspapers, full size. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = press.photo
title = Photo for newspapers, full size
platform = the press
words = press, newspaper, সংবাদপত্র, প্রেস, प्रेस, अख़बार
kind = photo
default = no
checked = 2026-11-29
source = no platform: as large as the original, without its metadata; the department's policy writes the credit
version = 1

[limits]
bytes_max = 50000000

[target]
quality = 94
quality_min = 88
progressive = no
subsampling = auto

[filters]
orient =
fit = mode=inside sizes=16000x16000
colour = to=srgb

[caption]
max = 0
