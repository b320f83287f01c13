; WhatsApp video: chat, group, Channel, Status. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = wa.video
title = WhatsApp video: chat, group, Channel, Status
platform = WhatsApp
words = whatsapp, wa, হোয়াটসঅ্যাপ, হোয়াটস্যাপ, व्हाट्सएप, वॉट्सऐप
kind = video
checked = 2026-11-23
source = WhatsApp Business Platform, Media and Video messages: 16 MB, H.264 Main or Baseline without B-frames, one sound or none
version = 1

[limits]
bytes_max = 15500000
long_max = 1280
fps = 1..60
duration = ..180s
vprofiles = main,baseline
bframes_max = 0
channels_max = 2
rate_max = 48000

[target]
vprofile = main
level = 3.1
bframes = 0
gop = 2s
crf = 24
crf_floor = 26
maxrate = 4000k
kbps_floor = 800k
audio_kbps = 96k
audio_rate = 48000
audio_channels = 2
passthrough = yes
; length, size, video and sound: what 15.5 MB hold
ladder = 60s 1280x720 1800k 96k
ladder = 120s 848x480 900k 64k
ladder = 180s 640x360 600k 64k

[filters]
orient =
deinterlace = when=auto
trim = max=180 over=refuse
fps = max=30 min=1
fit = mode=inside sizes=1280x720,720x1280
colour = to=bt709
loudness = target=-14

[caption]
max = 1024
