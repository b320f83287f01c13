#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seeds of fuzz_desk_pages, made of the templates: for each page an object in which every name that the page looks up is a
hostile text, one in which every section is entered, and one for each word that a section waits for. What it makes is
committed in tests/fuzz/corpus; by hand, after templates changed: tests/fuzz/seeds_desk.py"""
import glob, json, os, re
os.chdir(os.path.join(os.path.dirname(__file__), '../..'))
out = 'tests/fuzz/corpus/fuzz_desk_pages'
os.makedirs(out, exist_ok=True)
PAYLOAD = '"\'><x onload=a(1)>{{csrf}}&#60;'
texts = {os.path.basename(p)[:-5]: open(p).read() for p in glob.glob('desk/pages/*.html')}

def whole(name, seen=()):
    return re.sub(r'\{\{>([a-z-]+)\}\}', lambda m: '' if m[1] in seen else whole(m[1], seen + (m[1],)), texts[name])

def put(root, path, value):
    *folders, last = path.split('.')
    at = root
    for f in folders:
        if not isinstance(at.get(f), dict):
            at[f] = {}
        at = at[f]
    if not isinstance(at.get(last), dict) or isinstance(value, dict):
        at[last] = value

def seed(name, language, kind, root):
    with open(f'{out}/{name}-{kind}', 'w') as f:
        f.write(f'{name} {language}\n{json.dumps(root, ensure_ascii=False, sort_keys=True)}\n')

for n, name in enumerate(sorted(k for k in texts if not k.startswith('part-'))):
    text = whole(name)
    names = set(re.findall(r'\{\{([a-z_.]*[a-z_])(?:\||\}\})', text)) | set(re.findall(r'=([a-z_.]*[a-z_])(?:\||[ }])', text)) | \
        set(re.findall(r'\{\{tn "[^"]*" "[^"]*" ([a-z_.]+)', text)) | set(re.findall(r'\{([a-z_]+)\}', text))
    waits = sorted(set(re.findall(r'\{\{[#^]([a-z_.]+)=([a-z-]+)\}\}', text)))
    sections = set(re.findall(r'\{\{[#^]([a-z_.]+)\}\}', text))
    def root_of(entered):
        root = {}
        for path in sorted(sections):
            put(root, path, [{}] if entered and '.' not in path and path not in names else PAYLOAD if entered else None)
        for path in sorted(names):
            put(root, path, PAYLOAD if entered else '/' + PAYLOAD) # what an address may look like
        root['reasons'] = [{'value': PAYLOAD, 'label': PAYLOAD, 'todo': PAYLOAD, 'offered': True}]
        return root
    language = ('en', 'bn', 'hi')[n % 3]
    seed(name, language, 'all', root_of(True))
    seed(name, language, 'none', root_of(False))
    for path, word in waits:
        root = root_of(True)
        put(root, path, word)
        seed(name, language, f'{path}-{word}', root)
