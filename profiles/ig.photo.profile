; Instagram feed photo. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = ig.photo
title = Instagram feed photo
platform = Instagram
words = instagram, insta, ig, ইনস্টাগ্রাম, ইন্সটাগ্রাম, इंस्टाग्राम, इंस्टा
kind = photo
checked = 2026-11-23
source = Meta IG User Media reference, Graph API v24.0: 4:5 to 1.91:1 is hard (errors 36003, 2207009), JPEG only; 10 items a carousel (postiz-app@74b01ad, instagram.provider.ts)
version = 2

[limits]
bytes_max = 8000000
width = 320..1440
aspect = 0.8..1.91
sizes_exact = yes
album_max = 10

[target]
quality = 90
quality_min = 75
progressive = no
subsampling = auto

[filters]
orient =
; 566, not 565: 1080/565 = 1.9115 is outside 1.91
fit = mode=crop sizes=1080x1350,1080x1080,1080x566 gravity=attention
colour = to=srgb

[caption]
max = 2200
