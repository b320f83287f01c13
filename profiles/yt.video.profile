; YouTube video. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = yt.video
title = YouTube video
platform = YouTube
words = youtube, yt, ইউটিউব, यूट्यूब
kind = video
checked = 2026-11-23
source = Google, Recommended upload encoding settings (answer 1722171); 15 min unless the channel is verified
version = 1

[limits]
bytes_max = 2G
long_max = 3840
short_max = 2160
fps = 1..60
duration = ..900s
sound_short_ok = yes
channels_max = 2
rate_max = 48000

[target]
vprofile = high
level = 4.0
bframes = 2
gop = 500ms
crf = 18
crf_floor = 20
maxrate = 12000k
kbps_floor = 2000k
audio_kbps = 384k
audio_rate = 48000
audio_channels = 2
passthrough = yes

[filters]
orient =
deinterlace = when=auto
trim = max=900 over=refuse
fps = max=60 min=1
; the player adds bars itself
fit = mode=inside sizes=1920x1080,1080x1920
colour = to=bt709
loudness = target=-14

[caption]
max = 5000
