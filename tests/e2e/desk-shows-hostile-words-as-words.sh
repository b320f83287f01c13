#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Whatever people write or name files, on every page it stands as text: the parsed page has the same elements and attributes as with plain words,
# no script but the desk's own, no address of another scheme, and no word of theirs in a header.
. tests/desk/lib.sh
cat >"$TMPDIR/shape.py" <<'PY'
import html.parser, sys
class Shape(html.parser.HTMLParser):
    def handle_starttag(self, tag, attrs):
        print('<', tag, *sorted(n for n, _ in attrs))
        for n, v in attrs:
            if n.startswith('on') or n in ('style', 'srcdoc'):
                print('BAD', tag, n)
            if n in ('href', 'src', 'action', 'formaction') and (v or '').split(':')[0].strip().lower() not in ('https', 'http', 'tel', 'mailto') and not (v or '').startswith(('/', '#')):
                print('BAD', tag, n, v)
        if tag == 'script' and not dict(attrs).get('src', '').startswith('/s/'):
            print('BAD script')
    def handle_endtag(self, tag):
        print('>', tag)
p = Shape(convert_charrefs=True)
p.feed(open(sys.argv[1], encoding='utf-8').read())
p.close()
PY
pages() { # the shape of each page, as that person sees it
    local user path
    while read -r user path; do
        get "$user" "$path" >"$TMPDIR/page"
        python3 "$TMPDIR/shape.py" "$TMPDIR/page" | awk -v path="${path//&/ }" '{ print path, $0 }'
    done <<EOF
rina /q
rina /q?s=all&t=nothing-has-this
rina /i/1
rina /i/2
rina /i/3
rina /i/1/log
rina /me
rina /freeze
agency /today
agency /contacts
rina /report
anjali /report?from=2026-01-01&to=2026-12-01
agency /today?p=x.photo
rina /questions
rina /question/3
anjali /question/1
agency /question/2
agency /
anjali /q
EOF
    get rina /i/6/approve -H 'Sec-Fetch-Site: same-origin' --data-urlencode "csrf=$(token rina)" -d handle=6@x >"$TMPDIR/page"
    python3 "$TMPDIR/shape.py" "$TMPDIR/page" | awk '{ print "/changed", $0 }'
}
payloads=('plain' '"><script>alert(1)</script>' "' onmouseover='alert(1)" '</title></textarea></style><img src=x onerror=alert(1)>' 'javascript:alert(1)' '{{csrf}}{{#me}}{{{x}}}'
    $'CRLF\r\nSet-Cookie: x=y\r\n\r\n<html>' '<!--<svg onload=alert(1)>' $'\u202e</p><b>' '&#60;b&#62;')
first=
for text in "${payloads[@]}"; do
    [ -n "$first" ] || desk_media
    fake_up "$text"
    [ -n "$first" ] || desk_up
    pages >"$TMPDIR/shape"
    ! grep BAD "$TMPDIR/shape" || die "as a name: $text"
    [ "$(wc -l <"$TMPDIR/shape")" -gt 500 ] || die "hardly a page was seen"
    if [ -z "$first" ]; then cp "$TMPDIR/shape" "$TMPDIR/plain"; first=1; fi
    cmp "$TMPDIR/plain" "$TMPDIR/shape" || { diff "$TMPDIR/plain" "$TMPDIR/shape" | sed -n 1,20p; die "the page has another shape with: $text"; }
    for path in /q /i/1 "$(get rina /i/1 | grep -oE '/r/1/[0-9]+/[0-9a-f]{16}' | sed -n 1p)?dl=1"; do
        ! head_of rina "$path" | seen -iE 'alert|set-cookie|onload' || die "a word of a user is in a header: $path"
    done
    fake_down
done
