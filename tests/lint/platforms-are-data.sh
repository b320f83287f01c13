#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# No platform's name in any .c or .h file: platforms are profiles, and a profile is data.
set -u
names='facebook|instagram|youtube|whatsapp|telegram|twitter|tiktok|snapchat|linkedin|pinterest|threads\.net'
placements='"(fb|ig|x|wa|tg|yt|story|vertical)\.(photo|video|thumb|short|story)'
rooms=$(ls -d base filters daemon pipeline ctl desk post 2>/dev/null || :)
found=$(grep -nEi "$names" -r --include='*.[ch]' $rooms
        grep -nE "$placements" -r --include='*.[ch]' $rooms)
[ -z "$found" ] || { echo "$found"; exit 1; }
