; Reel and Short: 9:16. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = vertical.short
title = Reel and Short: 9:16
platform = Instagram, Facebook, YouTube, Threads
words = instagram, insta, ig, ইনস্টাগ্রাম, ইন্সটাগ্রাম, इंस्टाग्राम, इंस्टा
words = facebook, fb, ফেসবুক, फेसबुक
words = youtube, yt, ইউটিউব, यूट्यूब
words = threads, থ্রেডস, थ्रेड्स
kind = video
checked = 2026-11-23
source = Meta Reels Publishing API (24-60 fps fixed, 3-90 s, GOP 2-5 s, stereo); IG User Media v24.0; Reels tab 5-90 s
version = 1

[limits]
bytes_max = 100000000
width = 1080..1080
height = 1920..1920
sizes_exact = yes
fps = 24..60
duration = 5s..90s
cfr = yes
gop_max = 5s
kbps_max = 25000k
audio_required = yes
stereo_required = yes
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
; half a second off: containers round durations up
trim = max=89.5 min=5 over=refuse
fps = max=30 min=24
fit = mode=pad sizes=1080x1920 pad=blur
colour = to=bt709
loudness = target=-14

[caption]
max = 2200
