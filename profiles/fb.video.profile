; Facebook Page video. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = fb.video
title = Facebook Page video
platform = Facebook
words = facebook, fb, ফেসবুক, फेसबुक
kind = video
checked = 2026-11-23
source = Meta, Uploading Videos with the Graph API: 9:16 to 16:9; simple or URL upload 1 GB and 20 minutes
version = 1

[limits]
bytes_max = 1000000000
long_max = 1920
; 16:9 and 9:16 as rounded to whole pixels (854x480 is 1.7792)
aspect = 0.561..1.7795
fps = 1..60
duration = 1s..1200s
sound_short_ok = yes
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
kbps_floor = 1500k
audio_kbps = 128k
audio_rate = 48000
audio_channels = 2
passthrough = yes

[filters]
orient =
deinterlace = when=auto
trim = max=1199 min=1 over=refuse
fps = max=30 min=1
fit = mode=inside sizes=1920x1080,1080x1920
pad = min=0.5625 max=1.7778 pad=blur
colour = to=bt709
loudness = target=-14

[caption]
max = 63206
