; X post video, ordinary account. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = x.video
title = X post video, ordinary account
platform = X
words = x, twitter, এক্স, টুইটার, एक्स, ट्विटर
kind = video
checked = 2026-11-23
source = X API media best practices at 2871328: 512 MB, 140 s, 32x32 to 1280x1024, 1:3 to 3:1, AAC-LC, closed GOP
version = 1

[limits]
bytes_max = 500000000
width = 32..1280
height = 32..1280
long_max = 1280
short_max = 1024
aspect = 0.3334..3.0
fps = 1..60
duration = 500ms..140s
kbps_max = 25000k
channels_max = 2
rate_max = 48000

[target]
vprofile = high
level = 3.1
bframes = 2
gop = 2s
crf = 22
crf_floor = 23
maxrate = 5000k
kbps_floor = 1200k
audio_kbps = 128k
audio_rate = 48000
audio_channels = 2
passthrough = yes

[filters]
orient =
deinterlace = when=auto
trim = max=139.5 min=0.5 over=refuse
fps = max=30 min=1
; never with bars: shapes beyond 1:3 and 3:1 lose their ends
crop = min=0.34 max=2.95
fit = mode=inside sizes=1280x720,720x1280,720x720
colour = to=bt709
loudness = target=-14

[caption]
max = 280
count = x
