; Story and status photo. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = story.photo
title = Story and status photo
platform = Instagram, Facebook, WhatsApp
words = instagram, insta, ig, ইনস্টাগ্রাম, ইন্সটাগ্রাম, इंस्टाग्राम, इंस्टा
words = facebook, fb, ফেসবুক, फेसबुक
words = whatsapp, wa, হোয়াটসঅ্যাপ, হোয়াটস্যাপ, व्हाट्सएप, वॉट्सऐप
kind = photo
checked = 2026-11-23
source = Meta IG User Media reference v24.0 (9:16); Page Stories API (4 MB in the older text)
version = 1

[limits]
bytes_max = 4000000
width = 1080..1080
height = 1920..1920
sizes_exact = yes

[target]
quality = 90
quality_min = 75
progressive = no
subsampling = auto

[filters]
orient =
fit = mode=pad sizes=1080x1920 pad=blur
colour = to=srgb

[caption]
max = 2200
