; Telegram photo: channel, bot. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = tg.photo
title = Telegram photo: channel, bot
platform = Telegram
words = telegram, tg, টেলিগ্রাম, टेलीग्राम
kind = photo
checked = 2026-11-23
source = Telegram Bot API sendPhoto: width + height 10000, ratio 20, 5 MB by URL; long side kept up to 2560; 2 to 10 files an album (Bot API, sendMediaGroup)
version = 3

[limits]
bytes_max = 5000000
wh_sum_max = 10000
ratio_max = 20
progressive_ok = yes
album_max = 10

[target]
quality = 87
quality_min = 70
quality_floor = 85
progressive = no
subsampling = auto
shrink_min = 1280

[filters]
orient =
fit = mode=inside sizes=2560x2560
; longer than 20:1 is refused: padded, a little inside the limit
pad = min=0.0503 max=19.9 pad=colour rgb=#ffffff
colour = to=srgb

[caption]
max = 1024
count = utf16
