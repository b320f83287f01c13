; Mastodon video. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = mastodon.video
title = Mastodon video
platform = Mastodon
words = mastodon, ম্যাস্টোডন, मैस्टोडॉन
kind = video
default = no
checked = 2026-11-29
source = github.com/mastodon/documentation content/en/user/posting.md at 07764a2: MP4, 99 MB, 120 fps; soundless ones are looped
version = 1

[limits]
bytes_max = 98000000
fps = 1..120
duration = ..1200s
audio_required = yes
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
kbps_floor = 1200k
audio_kbps = 128k
audio_rate = 48000
audio_channels = 2
audio_silent = yes
passthrough = yes
; length, size, video and sound: what 48 MB hold
ladder = 140s 1280x720 2500k 128k
ladder = 420s 1280x720 2500k 96k
ladder = 720s 848x480 1200k 64k
ladder = 1200s 640x360 600k 48k

[filters]
orient =
deinterlace = when=auto
trim = max=1200 over=refuse
fps = max=30 min=1
fit = mode=inside sizes=1280x720,720x1280
colour = to=bt709
loudness = target=-14

[caption]
max = 500
