; Bluesky video. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = bsky.video
title = Bluesky video
platform = Bluesky
words = bluesky, bsky, ব্লুস্কাই, ब्लूस्काई
kind = video
default = no
checked = 2026-11-29
source = github.com/bluesky-social/atproto lexicons/app/bsky/embed/video.json at 049a697: MP4, 50000000 bytes; social-app src/lib/constants.ts at 008fe5e: 10 min
version = 1

[limits]
bytes_max = 48500000
fps = 1..60
duration = ..599s
channels_max = 2
rate_max = 48000

[target]
vprofile = main
level = 3.1
bframes = 0
gop = 2s
crf = 23
crf_floor = 24
maxrate = 2500k
kbps_floor = 500k
audio_kbps = 128k
audio_rate = 48000
audio_channels = 2
passthrough = yes
; length, size, video and sound: what 48 MB hold
ladder = 140s 1280x720 2500k 128k
ladder = 300s 848x480 1150k 96k
ladder = 599s 640x360 540k 64k

[filters]
orient =
deinterlace = when=auto
trim = max=599 over=refuse
fps = max=30 min=1
fit = mode=inside sizes=1280x720,720x1280
colour = to=bt709
loudness = target=-14

[caption]
max = 300
