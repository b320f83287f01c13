#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""walk_roles.py DESK ITEMS ROLES: asks every address of the desk for every item as every role, by HTTP, and ends with 1 where somebody gets what is
not for them. ITEMS: JSON {name: what ghat show answers, with "word", which stands in its caption and nowhere else, and "state"}. ROLES: JSON
{name: {"cookie", "sees": [states of which the page may be seen], "bytes": [states of which outputs may be], "originals": [...], "decides": bool}}."""
import http.client, json, sys, urllib.parse

desk = urllib.parse.urlparse(sys.argv[1]).netloc
items, roles = json.load(open(sys.argv[2])), json.load(open(sys.argv[3]))
bad, asked = [], 0
connection = http.client.HTTPConnection(desk, timeout=60)

def ask(role, path, form=None):
    global asked, connection
    asked += 1
    headers = {'Sec-Fetch-Site': 'same-origin'}
    if role['cookie']:
        headers['Cookie'] = role['cookie']
    body = None
    if form is not None:
        body = urllib.parse.urlencode(form)
        headers['Content-Type'] = 'application/x-www-form-urlencoded'
    for again in (1, 0):
        try:
            connection.request('GET' if form is None else 'POST', path, body, headers)
            r = connection.getresponse()
            return r.status, r.getheader('Content-Type') or '', r.read()
        except (http.client.HTTPException, OSError):
            connection = http.client.HTTPConnection(desk, timeout=60)
            if not again:
                raise

def wrong(role, path, status, why):
    bad.append(f'{role} {path}: {status}, {why}')

def refused(name, role, path, got, words):
    status, kind, body = got
    if status not in ((303,) if not role['cookie'] else (403, 404)):
        wrong(name, path, status, 'should be refused')
    if kind.startswith(('image/', 'video/', 'application/zip')):
        wrong(name, path, status, 'content came')
    for word in words:
        if word.encode() in body:
            wrong(name, path, status, 'says ' + word)

for name, role in roles.items():
    # pages of many items: none of an item that is not this person's
    hidden = [i['word'] for i in items.values() if i['state'] not in role['sees']]
    for path in ('/', '/q', '/q?s=all', '/q?s=held', '/q?s=rejected', '/q?s=all&t=zebra', '/today', '/questions', '/count', '/me', '/contacts', '/report', '/report.csv', '/freeze'):
        status, kind, body = ask(role, path)
        for word in hidden:
            if word.encode() in body:
                wrong(name, path, status, 'says ' + word)
    for label, item in items.items():
        i, words, state = item['id'], [item['word']], item['state']
        shas = {f['file']: f['sha256'] for f in item['files']}
        outputs = [r for r in item['renditions'] if r.get('sha256')]
        pages = [f'/i/{i}', f'/i/{i}/log', f'/i/{i}/print'] + [f'/i/{i}/compare/{r["rendition"]}' for r in outputs[:1]]
        for path in pages:
            got = ask(role, path)
            may = state in role['sees'] and (path == f'/i/{i}' or state in role['originals'])
            if may and path == f'/i/{i}' and got[0] != 200:
                wrong(name, path, got[0], f'{label} is for this person')
            if not may:
                refused(name, role, path, got, words)
        for r in [r for r in outputs if r['placement'] in ('fb.photo', 'ig.photo')]:
            path = f'/r/{i}/{r["rendition"]}/{r["sha256"][:16]}'
            got = ask(role, path)
            if state in role['bytes'] and (role['originals'] or r['state'] in ('published', 'collected')):
                if got[0] != 200 or not got[1].startswith('image/'):
                    wrong(name, path, got[0], f'the bytes of {label} are for this person')
            else:
                refused(name, role, path, got, words)
                refused(name, role, path, ask(role, f'/p/{i}/{r["rendition"]}/{r["sha256"][:16]}-360.jpg'), words)
        for f, sha in shas.items():
            if sha and state not in role['originals']:
                path = f'/o/{i}/{f}/{sha[:16]}-360.jpg'
                refused(name, role, path, ask(role, path), words)
        # what changes something: without the token of a form it is refused whoever asks, with it by role
        status, _, page = ask(role, '/me')
        token = page.split(b'name="csrf" value="')[1].split(b'"')[0].decode() if b'name="csrf" value="' in page else ''
        for what in ('approve', 'hold', 'reject', 'release', 'withdraw', 'undo', 'urgent', 'embargo', 'rerender', 'stays', 'order', 'replaces', 'thumb', 'focal'):
            if not role['decides']:
                refused(name, role, f'/i/{i}/{what}', ask(role, f'/i/{i}/{what}', {'csrf': token, 'handle': f'{i}@000000', 'reason': 'x', 'text': 'x', 'old': '1', 'files': '1'}), words)
        if state not in role['sees']:
            for what in ('recall', 'caption', 'alt', 'ask-withdraw', 'collected', 'take', 'posted', 'refused', 'acknowledge'):
                path = f'/i/{i}/{what}'
                refused(name, role, path, ask(role, path, {'csrf': token, 'caption': 'x', 'text': 'x', 'file': '1', 'p': 'fb.photo', 'link': 'https://example.org/1'}), words)
            if role['cookie']:
                status, kind, body = ask(role, '/zip', {'csrf': token, 'id': i})
                if status not in (403, 404, 409) or item['word'].encode() in body:
                    wrong(name, f'/zip id={i}', status, 'a list of it was made')
print(f'{asked} requests')
print('\n'.join(bad))
sys.exit(1 if bad else 0)
