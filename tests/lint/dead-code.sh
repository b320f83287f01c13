#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Nothing is kept that no program uses. By the objects in $B: a global function or variable is used by another file of
# the programs, or it is the seam of a unit test: used by its own file and by a test; else it is static or gone (the
# compiler sees unused static ones). By the text, comments apart: inline functions, prototypes, macros, constants GH_*
# and types are used somewhere else than where they are declared; fields of structures, too, and those in headers are
# read, not only set. Fields called "reserved" are padding. What a header declares is defined in its room: else who calls
# whom would not show in the #includes, of which tests/lint/includes.sh makes the walls.
set -u
command -v python3 >/dev/null || { echo "no python3 here"; exit 77; }
exec python3 - "$B" <<'PY'
import collections, glob, os, re, subprocess, sys

def files(*folders):
    return sorted(f for r in folders for e in 'ch' for f in glob.glob(f'{r}/**/*.{e}', recursive=True))

def symbols(of):
    """(source file, kind, name) of each symbol in the objects of these .c files."""
    source = {obj: f for f in of if f.endswith('.c') and os.path.exists(obj := f'{sys.argv[1]}/obj/{f[:-2]}.o')}
    text = subprocess.run(['nm', '-A', *source], capture_output=True, text=True, check=True).stdout
    for line in text.splitlines():
        obj, rest = line.split(':', 1)
        yield source[obj], *rest.split()[-2:]

sources = files('base', 'filters', 'ctl', 'desk', 'post', 'daemon', 'pipeline')
# Without comments and the insides of texts; line numbers stay.
token = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
blank = lambda m: '""' if m[0][0] == '"' else ' ' + '\n' * m[0].count('\n')
code = {f: token.sub(blank, open(f, encoding='utf-8').read()) for f in sources}
everything = '\n'.join(code.values())
mentions = collections.Counter(re.findall(r'\b[A-Za-z_]\w*', everything))
types = collections.Counter(m[1] + ' ' + m[2] for m in re.finditer(r'\b(struct|union|enum)\s+(\w+)', everything))
header_mentions = collections.Counter(re.findall(r'\b[A-Za-z_]\w*', '\n'.join(t for f, t in code.items() if f.endswith('.h'))))
found = []

def say(f, at, text):
    found.append(f'{f}:{code[f].count(chr(10), 0, at) + 1}: {text}')

# ---- objects
defined, users = {}, collections.defaultdict(set)
for f, kind, name in symbols(sources):
    if kind == 'U':
        users[name].add(f)
    elif kind in 'TDBRCV' and name.startswith('gh_'):
        defined[name] = f
tested = {name for f, kind, name in symbols(files('tests')) if kind == 'U'}
for name, f in sorted(defined.items()):
    at = [m.start() for m in re.finditer(rf'\b{name}\b', code[f])]
    if users[name] - {f} or (len(at) > 1 and name in tested):
        continue
    # A sanitizer leaves no call into the walls in the objects: there the text decides.
    if os.environ.get('SAN') and mentions[name] > len(at) + header_mentions[name]:
        continue
    say(f, at[0] if at else 0, f'{name} is used ' + ('in this file only: make it static' if len(at) > 1 else 'by tests only' if name in tested else 'nowhere'))
if len(defined) < 300 or len(tested) < 100:
    sys.exit(f'hardly a global function was found in {sys.argv[1]}: is everything built?')

# ---- names
enum = re.compile(r'\benum\b[^{};()]*\{([^{}]*)\}')
constant = re.compile(r'(?:^|,)\s*(?:#[^\n]*\s+)*(GH_\w+)')
for f, text in code.items():
    for m in re.finditer(r'^[ \t]*#[ \t]*define[ \t]+(\w+)', text, re.M):
        if mentions[m[1]] < 2:
            say(f, m.start(1), f'the macro {m[1]} is used nowhere')
    for m in enum.finditer(text):
        for c in constant.finditer(m[1]):
            if mentions[c[1]] < 2:
                say(f, m.start(1) + c.start(1), f'the constant {c[1]} is used nowhere')
    for m in re.finditer(r'\b(struct|union|enum)\s+(\w+)\s*\{', text):
        if types[m[1] + ' ' + m[2]] < 2 and m[1] != 'enum' and not re.match(r'static|const', text[text.rfind('\n', 0, m.start()) + 1:m.start()]):
            say(f, m.start(), f'{m[1]} {m[2]} is used nowhere')
    for m in re.finditer(r'^static inline [^;{}()]*\b(\w+)\(', text, re.M):
        if mentions[m[1]] < 2:
            say(f, m.start(1), f'{m[1]} is used nowhere')
    for m in re.finditer(r'^(?!static|typedef|return|#)\w[^;{}()=]*\b(gh_\w+)\([^;{}]*;', text, re.M):
        if f.endswith('.h') and m[1] not in defined:
            say(f, m.start(1), f'{m[1]} is declared, but defined nowhere')
        elif f.endswith('.h') and os.path.dirname(defined[m[1]]) != os.path.dirname(f):
            say(f, m.start(1), f'{m[1]} is declared here, but defined in {defined[m[1]]}, another room')

# ---- fields
# What follows an access decides: "x.f = 1" and ".f = 1" set it, anything else reads it. A field may also be named by a
# macro's argument or offsetof.
reads, sets, arguments = set(), set(), set(re.findall(r'[(,]\s*(?:\w+\s*\.\s*)*(\w+)\s*(?=[,)])', everything))
for m in re.finditer(r'(?:\.|->)\s*([A-Za-z_]\w*)(\s*=(?!=))?', everything):
    (sets if m[2] else reads).add(m[1])
field = re.compile(r'(?:\(\s*\*\s*)?\b([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*|\)\s*\([^;]*\)\s*)*(?=[,;])')
for f, text in code.items():
    for m in re.finditer(r'\bstruct\s+(?:\w+\s*)?\{', text):
        depth, end = 1, m.end()
        while depth and end < len(text):
            depth += {'{': 1, '}': -1}.get(text[end], 0)
            end += 1
        body = re.sub(r'^[ \t]*#[^\n]*', lambda h: ' ' * len(h[0]), text[m.end():end - 1], flags=re.M)
        for d in field.finditer(body):
            if body.count('{', 0, d.start()) != body.count('}', 0, d.start()):
                continue # of an inner structure: its own turn comes
            name = d[1]
            if name == 'reserved' or name in reads or name in arguments:
                continue
            if name not in sets:
                say(f, m.end() + d.start(1), f'the field {name} is used nowhere')
            elif f.endswith('.h'):
                say(f, m.end() + d.start(1), f'the field {name} is set, but never read')

print('\n'.join(found))
sys.exit(bool(found))
PY
