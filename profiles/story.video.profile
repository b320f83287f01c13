; Story video: 9:16. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = story.video
title = Story video: 9:16
platform = Instagram, Facebook
words = instagram, insta, ig, ইনস্টাগ্রাম, ইন্সটাগ্রাম, इंस्टाग्राम, इंस्टा
words = facebook, fb, ফেসবুক, फेसबुक
kind = video
checked = 2026-11-23
source = Meta IG User Media reference v24.0 (story: 3-60 s, 100 MB, 23-60 fps, 25 Mbps); Page Stories API (60 s)
version = 1

[limits]
bytes_max = 100000000
width = 1080..1080
height = 1920..1920
sizes_exact = yes
fps = 23..60
duration = 3s..60s
cfr = yes
gop_max = 5s
kbps_max = 25000k
channels_max = 2
rate_max = 48000

[target]
vprofile = high
level = 4.0
bframes = 2
gop = 2s
crf = 22
crf_floor = 23
maxrate = 8000k
kbps_floor = 2000k
audio_kbps = 128k
audio_rate = 48000
audio_channels = 2
audio_silent = yes
passthrough = yes

[filters]
orient =
deinterlace = when=auto
trim = max=59.5 min=3 over=refuse
; 24 rather than 23: one file with vertical.short
fps = max=30 min=24
fit = mode=pad sizes=1080x1920 pad=blur
colour = to=bt709
loudness = target=-14

[caption]
max = 0
