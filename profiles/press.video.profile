; Video for newspapers and television, full size. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = press.video
title = Video for newspapers and television, full size
platform = the press
words = press, newspaper, সংবাদপত্র, প্রেস, प्रेस, अख़बार
kind = video
default = no
checked = 2026-11-29
source = no platform: as large as the original up to 2160p, without its metadata
version = 1

[limits]
bytes_max = 4G
long_max = 3840
short_max = 2160
fps = 1..60
duration = ..3600s
sound_short_ok = yes
channels_max = 2
rate_max = 48000

[target]
vprofile = high
level = 5.1
bframes = 2
gop = 500ms
crf = 18
crf_floor = 20
maxrate = 40000k
kbps_floor = 4000k
audio_kbps = 384k
audio_rate = 48000
audio_channels = 2
passthrough = yes

[filters]
orient =
deinterlace = when=auto
trim = max=3600 over=refuse
fps = max=60 min=1
; the player adds bars itself
fit = mode=inside sizes=3840x2160,2160x3840
colour = to=bt709
loudness = target=-14

[caption]
max = 0
