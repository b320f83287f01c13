#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each language of po/ has every text of the sources and pages, none that they do not say, none that is only guessed (fuzzy); formats and
# {names} are those of the English, letters are composed as in NFC, nothing is left in English, and one thing has one word in one spelling.
# Pages say nothing but by {{t "…"}}. What finds that is tried on a language, and on a page, with one fault of each kind.
set -u
bad=0
for f in po/*.po; do
    out=$(tools/po status "$f" 2>&1)
    [ -z "$out" ] || { echo "$f: tools/po update, then translate what is empty:"; echo "$out"; bad=1; }
done
n=$(tools/po pot | grep -c '^msgid')
[ "$n" -gt 60 ] || { echo "$n texts are few: xgettext looks at the wrong place"; bad=1; }

words() { # FILE.po…: what is wrong with words, one a line
    python3 - "$@" <<'PY'
import re, subprocess, sys, unicodedata
# Names that are the same in every language.
SAME = re.compile(r'\{\w+\}|%(\d\$)?s|Ghat|WhatsApp|JPEG|PNG|MP4|QR|CSV|ZIP|RSS|SHA-256|GPS|HDR')
# One word for one thing, one spelling for one word: what is not said, and what is said instead.
INSTEAD = {
    'bn': {'কোনও': 'কোনো', 'নীচে': 'নিচে', 'লিংক': 'লিঙ্ক', 'একসাথে': 'একসঙ্গে', 'অ্যাডমিনিস্ট্রেটর': 'প্রশাসক', '(ক্রপ|কাটা ছবি)': 'ছাঁটা ছবি'},
    'hi': {'तारीख़': 'तारीख', 'प्राधिकरण': 'प्राधिकारी', 'व्यवस्थापक': 'प्रशासक', 'बाक़ी': 'बाकी', 'अनुमोदक': 'अनुमोदनकर्ता', 'क्रॉप': 'कटी हुई तस्वीर', '(?<!\\w)खाली': 'ख़ाली', '(?<!अ)स्वीकृत': 'अनुमोदित', '(?<!अ)स्वीकृति': 'अनुमोदन', r'(का|की|इस|उसकी) संख्या\b': 'क्रमांक'},
}
bad = 0
for po in sys.argv[1:]:
    instead = {unicodedata.normalize('NFC', a): b for a, b in INSTEAD.get(re.sub(r'.*/|\.po$', '', po), {}).items()}
    text = subprocess.run(['msgcat', '--no-wrap', po], capture_output=True, text=True, check=True).stdout
    for entry in text.split('\n\n')[1:]:
        ids = re.findall(r'^msgid(?:_plural)? "(.*)"$', entry, re.M)
        said = re.findall(r'^msgstr(?:\[\d\])? "(.*)"$', entry, re.M)
        def say(what):
            global bad
            bad = 1
            print('%s: %s: %s' % (po, ids[0], what))
        names = lambda s: set(re.findall(r'\{\w+\}', s))
        for s in said:
            if not names(ids[0]) <= names(s) <= names(ids[-1]): # the English of one may have fewer than that of many
                say('other {names}')
            if unicodedata.normalize('NFC', s) != s:
                say('not in NFC')
            if s != s.strip() and ids[0] == ids[0].strip():
                say('a blank at its end')
            if s == ids[0] and re.search('[A-Za-z]{2}', SAME.sub('', s)):
                say('left in English')
            for other, word in instead.items():
                if re.search(other, s):
                    say('elsewhere this is "%s"' % word)
sys.exit(bad)
PY
}
words po/*.po || bad=1
sed 's/নিচে/নীচে/' po/bn.po >"$TMPDIR/bn.po"
words "$TMPDIR/bn.po" | grep 'elsewhere this is "নিচে"' >/dev/null || { echo "another spelling is not found"; bad=1; }

# pages FILE.html…: what a page shows, or reads out, that is no text for translators, one a line.
pages() {
    python3 - "$@" <<'PY'
import re, sys
for path in sys.argv[1:]:
    lines = lambda m: '\n' * m[0].count('\n')
    text = re.sub(r'\{\{.*?\}\}', lines, open(path, encoding='utf-8').read(), flags=re.S)
    said = [(text.count('\n', 0, m.start()), m[1]) for m in re.finditer(r'\b(?:alt|title|placeholder|aria-label|label)="([^"]*)"', text)]
    text = re.sub(r'<!--.*?-->|<(script|style)\b.*?</\1>|<[^>]*>', lines, text, flags=re.S)
    for n, line in said + list(enumerate(text.split('\n'))):
        for word in re.findall(r'[^\W\d_]{2,}', re.sub(r'&#?\w+;', '', line)):
            if word != 'Ghat':
                print('%s:%d: not for translators: %s' % (path, n + 1, word))
PY
}
if [ -d desk/pages ]; then
    out=$(pages desk/pages/*.html)
    [ -z "$out" ] || { echo "$out"; bad=1; }
fi
printf '<p>{{t "Back"}} &middot; Ghat</p>\n<b title="Close">1</b><i class="word">Loose</i>\n' >"$TMPDIR/page.html"
[ "$(pages "$TMPDIR/page.html" | grep -oE ':2: .*(Close|Loose)$' | wc -l)" = 2 ] && [ "$(pages "$TMPDIR/page.html" | wc -l)" = 2 ] ||
    { echo "loose words of a page are not found"; bad=1; }

# One fault of each kind.
fault() { # WORD SED-PROGRAM
    sed -E "$2" po/bn.po >"$TMPDIR/bn.po"
    tools/po status "$TMPDIR/bn.po" 2>&1 | grep "$1" >/dev/null || { echo "a fault is not found: $1"; bad=1; }
}
fault untranslated 's/^msgstr "আজ"$/msgstr ""/'
fault unused 's/^msgid "today"$/msgid "to-day"/'
fault fuzzy '/^msgctxt "month"$/i #, fuzzy'
fault 'format spec' 's/^msgstr "%s আগে"$/msgstr "%d আগে"/'
exit $bad
