; YouTube thumbnail. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = yt.thumb
title = YouTube thumbnail
platform = YouTube
words = youtube, yt, ইউটিউব, यूट्यूब
kind = photo
from = photo,video
default = video
checked = 2026-11-23
source = YouTube Data API thumbnails.set (2 MB, JPEG or PNG); 1280x720 recommended, width 640 least
version = 1

[limits]
bytes_max = 2000000
width = 640..1280
height = 360..720
sizes_exact = yes

[target]
quality = 90
quality_min = 75
progressive = no
subsampling = auto

[filters]
orient =
deinterlace =
fit = mode=crop sizes=1280x720 gravity=attention
colour = to=srgb

[caption]
max = 0
