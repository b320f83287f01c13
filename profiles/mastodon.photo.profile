; Mastodon photo. Every key: docs/PROFILES.md. To change it, put a copy into /etc/ghat/profiles/.
[profile]
name = mastodon.photo
title = Mastodon photo
platform = Mastodon
words = mastodon, ম্যাস্টোডন, मैस्टोडॉन
kind = photo
default = no
checked = 2026-11-29
source = github.com/mastodon/documentation content/en/user/posting.md at 07764a2: 16 MB, made smaller than 8.3 megapixels
version = 1

[limits]
bytes_max = 16000000
pixels_max = 8294400

[target]
quality = 88
quality_min = 75
progressive = no
subsampling = auto

[filters]
orient =
fit = mode=inside sizes=2880x2880
colour = to=srgb

[caption]
max = 500
