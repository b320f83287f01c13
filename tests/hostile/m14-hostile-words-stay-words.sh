#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# M14: titles and descriptions that are mark-up, control characters, wrong UTF-8 or endless are cut, made valid, or dropped; what
# is printed is one line of valid JSON.
. tests/hostile/lib.sh
craft jpeg_xmp_words words.jpg "$(photo)"
for policy in strip credit keep; do
    P=fb.photo render "$IN/words.jpg" -m $policy
    [ "$RC" = 0 ] || fail "refused under $policy"
    exiftool -j -a -G1 "$OUT/fb.photo/words.jpg" >"$TMPDIR/tags.json"
    python3 - "$TMPDIR/tags.json" "$OUT/fb.photo/words.jpg" <<'PY' || fail "$policy leaves hostile words"
import json, sys
text = json.dumps(json.load(open(sys.argv[1], encoding='utf-8', errors='strict')), ensure_ascii=False)
raw = open(sys.argv[2], 'rb').read()
assert '\x1b' not in text and '\\u001b' not in text, 'an escape sequence'
assert len(text) < 8000, 'endless: %d' % len(text)
assert b'\xff\xfe\x80' not in raw[:20000].split(b'\xff\xdb')[0], 'wrong UTF-8'
PY
done
ghat probe --json "$IN/words.jpg" >"$TMPDIR/probe" || fail "probe"
python3 -c 'import json,sys; [json.loads(l) for l in open(sys.argv[1], encoding="utf-8", errors="strict")]' "$TMPDIR/probe" 2>/dev/null ||
    python3 -c 'import json,sys; json.load(open(sys.argv[1], encoding="utf-8", errors="strict"))' "$TMPDIR/probe" || fail "no JSON"
cp "$(photo)" "$IN/$(printf 'a\033[31m<script>\n\xff.jpg')"
P=fb.photo
for f in "$IN"/a*; do
    render "$f"
    grep -qP '\x1b' "$TMPDIR/said" "$TMPDIR/errors" && fail "a name reaches the terminal unescaped"
done
ghat probe --json "$IN"/a* | python3 -c 'import json,sys; sys.stdin.reconfigure(encoding="utf-8", errors="strict"); [json.loads(l) for l in sys.stdin.read().splitlines() if l.strip()]' || fail "no JSON of an odd name"
done_
