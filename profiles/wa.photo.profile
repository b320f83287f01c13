; WhatsApp photo: chat, group, Channel. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = wa.photo
title = WhatsApp photo: chat, group, Channel
platform = WhatsApp
words = whatsapp, wa, হোয়াটসঅ্যাপ, হোয়াটস্যাপ, व्हाट्सएप, वॉट्सऐप
kind = photo
checked = 2026-11-23
source = WhatsApp Business Platform, Media (hard stop 5 MB); client rescales to 1600 px and 1 MB
version = 1

[limits]
bytes_max = 1000000
long_max = 4096
progressive_ok = no

[target]
quality = 82
quality_min = 60
progressive = no
subsampling = auto
shrink_min = 800

[filters]
orient =
fit = mode=inside sizes=1600x1600
colour = to=srgb

[caption]
max = 1024
