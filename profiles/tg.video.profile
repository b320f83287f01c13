; Telegram video: channel, bot. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = tg.video
title = Telegram video: channel, bot
platform = Telegram
words = telegram, tg, টেলিগ্রাম, टेलीग्राम
kind = video
checked = 2026-11-23
source = Telegram Bot API sendVideo: MP4, 50 MB; without a sound track it is shown as a GIF
version = 1

[limits]
bytes_max = 48000000
long_max = 1280
fps = 1..60
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
max = 1024
count = utf16
