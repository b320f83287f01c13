#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every text that can end in an officer's note has words in every language of po/. As a reason: each literal with which the sources refuse a
# file or skip a placement is looked up in daemon/publish/notes_text.c, as notes.c does. As a word: each literal there, and each that the
# notes' other sources get from gh_word, has a translation in each language. A new reason or word without them fails here.
python3 - <<'PY'
import glob, re, sys
LITERAL = r'"(?:[^"\\]|\\.)*"'
# Calls that say why a file or a placement is refused, and assignments of such a text.
CALLS = [
    (r'gh_fail(?:_errno|_av)?\(', r'\b(GH_INPUT|GH_LIMIT|GH_SKIP|cls)\b',
     ['pipeline', 'filters', 'daemon/plan', 'daemon/engine', 'daemon/attempt', 'daemon/intake']),
    (r'gh_place_skip\(', '', ['daemon/plan']),
    (r'gh_fail(?:_errno)?\(', r'\bGH_BUG\b', ['daemon/engine/judge.c']), # an output that is refused
    (r'gh_entry_refuse\(|add_submission\(|add_found\(|gh_asprintf\(|\breturn ', '', ['daemon/intake']),
    (r'(?:->|\.)(?:why|refused) = |\breason \? ', '', ['daemon/intake', 'daemon/ledger/attempts.c']),
    (r'GH_COPY\(row->note, ', '', ['daemon/attempt']),
]
# Files whose refusals never reach a note: profiles and overlays are an administrator's; what the fast path of HEIC skips libvips reads;
# a device's client falls back to software.
NEVER = re.compile(r'daemon/plan/(profile|overlay)|daemon/engine/(overlays|sets|paths|nursery|spawn)|pipeline/photo/(heif_box|overlay)|'
                   r'pipeline/encode/|filters/filter\.c')
# Of administrators, and of programs that use Ghat.
NOT_OFFICERS = ['a logo of at most', 'placements at once: name fewer', 'not for the fast path', 'no HEVC decoder', 'not HEIC',
                'the two readers of its boxes disagree', 'the HEVC decoder refuses the stream header']

def argument(text, at):
    """The source from at to the end of the call or statement."""
    depth, i = 0, at
    while i < len(text):
        literal = re.match(LITERAL, text[i:])
        if literal:
            i += literal.end()
            continue
        if text[i] == '(': depth += 1
        if text[i] == ')': depth -= 1
        if depth < 0 or (text[i] == ';' and depth <= 0): break
        i += 1
    return text[at:i]

def groups(source, macros):
    """Literals; those beside each other are one, macros of texts too."""
    for name, text in macros:
        source = re.sub(r'\b%s\b' % name, lambda m: text, source)
    source = re.sub(r'PRI[du]64|PRIx64', '""', source)
    for run in re.findall(r'%s(?:\s*%s)*' % (LITERAL, LITERAL), source):
        yield ''.join(s[1:-1] for s in re.findall(LITERAL, run))

table = open('daemon/publish/notes_text.c').read()
table = re.sub(r'"\s*\n\s*"', '', table[table.index('gh_reasons[] = {'):])
rows = [p.lower() for p in re.findall(r'^    \{(%s),' % LITERAL, table, re.M)]
rows = [p[1:-1] for p in rows]
assert len(rows) > 40, len(rows)
bad, seen = 0, 0
for call, only, roots in CALLS:
    for path in sorted(p for r in roots for p in (glob.glob(r + '/**/*.c', recursive=True) if not r.endswith('.c') else [r])):
        if NEVER.search(path):
            continue
        text = open(path).read()
        macros = re.findall(r'^#define (\w+) (%s)$' % LITERAL, text, re.M)
        for m in re.finditer(call, text):
            source = argument(text, m.end())
            if only and not re.search(only, source.split('"')[0]):
                continue
            for n, reason in enumerate(groups(source, macros)):
                plain = reason.strip()
                if re.fullmatch(r'(%\S+\s*)*', plain) or (n and len(plain.split()) < 5) or any(w in reason for w in NOT_OFFICERS):
                    continue
                if re.match('[A-Z]{6} |, |id=', reason) or (not only and (len(plain.split()) < 3 or 'fail' in source)):
                    continue
                seen += 1
                if not any(row in reason.lower() for row in rows):
                    print('%s:%d: no words for "%s"' % (path, text.count('\n', 0, m.start()) + 1, reason))
                    bad = 1

# The words: no literal of notes_text.c stands outside of a mark, but what is looked for in reasons, and every marked one is translated.
def po(path):
    """{(context, msgid)} that have a translation."""
    unquote = lambda lines: re.sub(r'\\(.)', r'\1', ''.join(s[1:-1] for s in re.findall(LITERAL, lines)))
    text = open(path).read()
    for m in re.finditer(r'(?:^msgctxt ((?:".*"\n)+))?^msgid ((?:".*"\n)+)(?:msgid_plural (?:".*"\n)+)?^msgstr(?:\[0\])? ((?:".*"\n?)+)', text, re.M):
        if unquote(m[3]):
            yield unquote(m[1]) if m[1] else None, unquote(m[2])

literal = '%s(?:\\s*%s)*' % (LITERAL, LITERAL)
joined = lambda run: re.sub(r'\\(.)', r'\1', ''.join(s[1:-1] for s in re.findall(LITERAL, run)))
words = set()
for path in ['daemon/publish/notes_text.c', 'daemon/publish/notes.c', 'daemon/publish/notes_write.c', 'daemon/store/space.c', 'base/speak.c']:
    text = re.sub(r'/\*.*?\*/', '', open(path).read(), flags=re.S)
    marks = [(r'GH_W\((%s)\)', 0), (r'GH_WC\((%s), (%s)\)', 1), (r'gh_word\([^,]*,\s*NULL,\s*(%s)\)', 0), (r'gh_word\([^,]*,\s*(%s),\s*(%s)\)', 1),
             (r'gh_word_n\([^,]*,\s*(%s),\s*(%s),', 1), (r'GH_WN\((%s), (%s),', 1)]
    for mark, with_context in marks:
        for m in re.finditer(mark % ((literal,) * (1 + with_context)), text):
            words.add((joined(m[1]), joined(m[2])) if with_context else (None, joined(m[1])))
    if path.endswith('notes_text.c'):
        rest = re.sub(r'GH_W\(%s\)|GH_WC\(%s,\s*%s\)|^    \{%s,|^#.*' % (literal, literal, literal, LITERAL), '', text, flags=re.M)
        for left in re.findall(LITERAL, rest):
            if left != '""':
                print('%s: not marked for translators: %s' % (path, left))
                bad = 1
languages = sorted(glob.glob('po/*.po'))
for path in languages:
    has = set(po(path))
    for context, text in sorted(words - has, key=str):
        print('%s: no words for "%s" (%s)' % (path, text, context))
        bad = 1
if len(words) < 180 or len(languages) < 2:
    print(len(words), 'words in', languages)
    bad = 1

print(seen, 'reasons')
sys.exit(bad or seen < 100)
PY
