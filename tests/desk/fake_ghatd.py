#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""fake_ghatd.py SOCKET MEDIA [HOSTILE]: answers the desk as ghatd does, from a fixed set of items, so that pages can be
looked at and attacked without a pipeline. MEDIA: a folder of .jpg and .mp4 files. HOSTILE: a text that stands wherever
people's own words do. Every request is printed, one JSON a line. Logs in anybody with any password."""
import array, datetime, hashlib, json, os, re, socket, sys, threading, time, zlib

SOCKET, MEDIA = sys.argv[1:3]
HOSTILE = sys.argv[3] if len(sys.argv) > 3 else None
TOKEN = {'rina': 'a' * 64, 'agency': 'b' * 64, 'anjali': 'c' * 64, 'boss': 'd' * 64, 'sunil': 'e' * 64}
ROLES = {'rina': ['approver'], 'agency': ['agency'], 'anjali': ['officer'], 'boss': ['admin', 'viewer'], 'sunil': ['approver']}
LANGUAGE = {name: os.environ.get('FAKE_LANGUAGE', 'en') for name in ROLES}
SCHEME = os.environ.get('FAKE_SCHEME', 'auto')
FILES = dict([(4, 3), (9, 3)] + [tuple(map(int, p.split('='))) for p in os.environ.get('FAKE_FILES', '').split()])  # item=number of its files
PLACES = {9: [2, 3, 1]}  # where its files were put
ORIGINAL = {int(k): v for k, v in (p.split('=') for p in os.environ.get('FAKE_ORIGINAL', '').split())}  # item=the file of MEDIA that came
WAITING = int(os.environ.get('FAKE_ITEMS', '7'))
handles, frozen, lock = {}, None, threading.Lock()
BOOT, touched = os.urandom(8).hex(), []  # what changed: by {"request": "touch", "ids": [...]}, which ghatd does not know
RING = 4096
KEYS = {}
HIDDEN = {'agency': {2}}  # items that are not for that person

def place():
    return f'{BOOT}.{len(touched)}'

def word(text):
    return HOSTILE if HOSTILE is not None else text

def now():
    return int(time.time() * 1000)

def iso(ms):
    return time.strftime('%Y-%m-%dT%H:%M:%S+00:00', time.gmtime(ms / 1000))

pictures = sorted(f for f in os.listdir(MEDIA) if f.endswith('.jpg'))
clips = sorted(f for f in os.listdir(MEDIA) if f.endswith('.mp4') and not f.startswith('of-'))  # of-NAME.mp4: what is made of them for a placement
hashes = {f: hashlib.sha256(open(f'{MEDIA}/{f}', 'rb').read()).hexdigest() for f in os.listdir(MEDIA) if f in pictures or f.endswith('.mp4')}
CAPTIONS = ['নতুন জলাধারের উদ্বোধন করলেন মেয়র। ১২ নম্বর ওয়ার্ডের বাসিন্দারা এখন দিনে আট ঘণ্টা জল পাবেন।',
            'Repair of the main road at Gariahat is finished two weeks early; traffic is back to normal since this morning.',
            'বর্ষার আগে নর্দমা পরিষ্কারের কাজ চলছে।', None, 'Blood donation camp, ward 45', 'পার্কের নতুন দোলনা', 'Night shelter opened']
PHOTO = [('fb.photo', 1080, 1350), ('ig.photo', 1080, 1350), ('story.photo', 1080, 1920), ('tg.photo', 2560, 1440),
         ('wa.photo', 1600, 900), ('x.photo', 2048, 1152), ('yt.thumb', 1280, 720)]
VIDEO = [('fb.video', 1280, 720), ('story.video', 1080, 1920), ('tg.video', 1280, 720), ('x.video', 1280, 720), ('yt.thumb', 1280, 720)]

REASONS = [('unclear', 'Picture is not clear', 'Please send a sharper one.'), ('caption', 'Mistake in the caption', 'Please send a corrected caption.'),
           ('consent', 'No consent of a child or person shown', 'Please send one without them, or their consent.'),
           ('place', 'Sensitive place', 'Please send one that does not show it.'), ('published', 'Published before', 'Nothing to do.'),
           ('early', 'Not before the announcement', 'Please send it again after the announcement.'),
           ('elsewhere', "Another department's matter", 'Please give it to that department.')]

def said(language, context, text):
    """As po/ says it."""
    try:
        po = open(f'po/{language}.po', encoding='utf-8').read()
    except OSError:
        return text
    found = re.search('msgctxt "%s"\nmsgid "%s"\nmsgstr "(.*)"' % (re.escape(context), re.escape(text)), po)
    return found[1] if found else text

def item(i):
    video = i % 5 == 3 and clips
    department = ['water', 'roads', 'health'][i % 3]
    dropped = now() - (i * 17 + 4) * 60000
    rens = []
    for k, (name, w, h) in enumerate(VIDEO if video else PHOTO):
        f = clips[i % len(clips)] if video and name != 'yt.thumb' else pictures[i % len(pictures)]
        if os.path.exists(f'{MEDIA}/of-{name}.mp4') and f in clips:
            f = f'of-{name}.mp4'
        state, reason = 'staged', None
        if i == 2 and name == 'tg.photo':
            state, reason = 'failed', word('the output is larger than 5 MB')
        if i % 4 == 1 and name == 'story.photo':
            state, reason = 'skipped', word('wider than this placement takes')
        made = state == 'staged'
        rens.append({'rendition': i * 100 + k, 'id': i * 100 + k, 'file': i, 'number': 1, 'file_name': word(f), 'placement': name, 'part': 1, 'parts': 1,
                     'state': state, 'how': 'rendered', 'sha256': hashes[f] if made else None, 'bytes': os.path.getsize(f'{MEDIA}/{f}') if made else 0,
                     'width': w if made else 0, 'height': h if made else 0, 'duration': 6.0 if f.endswith('.mp4') and made else None,
                     'media': 'video' if f.endswith('.mp4') else 'photo', 'path': f, 'reason': reason,
                     'crop': None if not made else {'x': 0, 'y': 30, 'width': 320, 'height': 180, 'source_width': 320, 'source_height': 240} if f.endswith('.mp4') and w > h else
                             {'x': 92, 'y': 0, 'width': 135, 'height': 240, 'source_width': 320, 'source_height': 240} if f.endswith('.mp4') else {'x': 0, 'y': 0, 'width': 4000, 'height': 3000, 'source_width': 4000, 'source_height': 3000} if w * 3 > h * 3.9 else
                             {'x': 800, 'y': 0, 'width': min(4000, 3000 * w // h), 'height': 3000, 'source_width': 4000, 'source_height': 3000},
                     'removed': ['GPS position', 'camera or lens serial number', 'embedded thumbnail or preview'],
                     'checks': [{'limit': 'bytes_max', 'pass': True, 'text': '412331 bytes, at most 5000000'},
                                {'limit': 'width', 'pass': True, 'text': f'width {w}, 320..8192'}] if made else None,
                     'decided_by': None, 'staged': iso(dropped), 'decided': None})
    # of further files one output each, so that there is something of them to decide
    rens += [dict(rens[0], number=n + 1) for n in range(1, FILES.get(i, 1))]
    name = word('IMG_%04d.HEIC' % (1000 + i))
    caption = word(CAPTIONS[i % len(CAPTIONS)])
    return {'id': i, 'department': department, 'department_title': {'water': 'Water Supply', 'roads': 'রাস্তা বিভাগ', 'health': 'Health'}[department],
            'name': name, 'kind': 'file', 'state': 'staged', 'urgent': i == 3, 'reason': None, 'duplicate_of': None, 'dropped': iso(dropped),
            'dropped_ms': dropped, 'staged_ms': dropped + 30000, 'caption': caption, 'captions': {}, 'n_files': 1, 'left_seconds': None,
            'alike': [[1, 3, 2]] if i == 4 else [],
            'files': [{'name': name, 'role': 'media', 'file': i + 100 * n, 'number': n + 1, 'place': PLACES[i][n] if i in PLACES else None, 'sha256': '%064x' % (i + 1 + n), 'bytes': 4123456, 'media': 'video' if video else 'photo', 'alt_text': word(None), 'reason': None}
                      for n in range(FILES.get(i, 1))],
            'placements': {r['placement']: r['state'] for r in rens}, 'renditions': rens,
            'lengths': {r['placement']: {'caption_max': 280 if r['placement'].startswith('x.') else 1024,
                                         'caption_count': 'x' if r['placement'].startswith('x.') else 'utf16',
                                         'caption_len': len(caption or '')} for r in rens}}

def set_hash(i):
    return hashlib.sha256(str(i).encode()).hexdigest()

def user(name):
    return {'name': name, 'full': word({'rina': 'Rina Chatterjee'}.get(name, '')), 'roles': ROLES.get(name, ['viewer']), 'departments': ['water'], 'language': LANGUAGE.get(name, 'en'),
            'scheme': SCHEME, 'keys': KEYS.get(name, True), 'phone': word('+91 33 2286 1000'), 'email': word('rina@example.org'), 'deputy': None, 'deputy_until_ms': 0}

decided, making, points = {}, {}, {}

def outgoing():
    """1 to post, 2 an album that bela posts, 3 a film that is posted, 5 withdrawn after it was posted and replaced by 1."""
    out = []
    for i in (5, 3, 2, 1):
        it = item(i)
        it['renditions'] = [dict(r, state='published' if i < 3 else 'collected' if i == 3 else 'withdrawn', reason=word('wrong bridge') if i == 5 else None, acknowledged=None)
                            for r in it['renditions'] if r['state'] == 'staged' and r['placement'] in ('fb.photo', 'x.photo', 'fb.video')]
        if i == 2:
            it['renditions'] = [dict(r, part=1, number=n + 1) for r in it['renditions'] for n in range(3)]
        it.update(links={}, takes={}, deliveries=[], replaces=None, replaced_by=1 if i == 5 else None, outbox='2026-11-29/water-%d' % i)
        it['captions'] = {'x.photo': word('its own words for X')} if i == 1 else {}
        for f in it['files']:
            f['alt_text'] = word('A pump, seen from the road')
        if i == 2:
            it['takes'] = {'fb.photo': {'by': word('bela'), 'until': iso(now() + 900000)}, 'x.photo': {'by': 'agency', 'until': iso(now() + 900000)}}
        if i in (3, 5):
            it['links'] = {r['placement']: 'https://example.org/p/%d' % i for r in it['renditions']}
            it['posts'] = [{'placement': p, 'link': l} for p, l in it['links'].items()]
        out.append(it)
    return out

ended, sums = [], {}  # lists that are over: by {"request": "end-bundle"}

def entries():
    """Of list 1: every file there is, and a text."""
    out = []
    for name in sorted(os.listdir(MEDIA)):
        path = f'{MEDIA}/{name}'
        if path not in sums:
            crc = 0
            with open(path, 'rb') as f:
                while block := f.read(1 << 20):
                    crc = zlib.crc32(block, crc)
            sums[path] = crc
        out.append({'name': '2026-11-29/water-1/fb.photo/' + name, 'bytes': os.path.getsize(path), 'crc': sums[path], 'time_ms': 1796000000000, 'id': 1, 'rendition': 100})
    return out + [{'name': '2026-11-29/water-1/fb.photo/caption.txt', 'bytes': 7, 'crc': zlib.crc32(b'Opened\n'), 'time_ms': 1796000000000, 'id': 1, 'rendition': 100}]

def bundle(n):
    e = entries()
    return {'bundle': n, 'what': 'new', 'made': iso(now()), 'etag': 'e' * 64, 'more': False, 'files': len(e), 'bytes': sum(f['bytes'] for f in e), 'ready': n != 2, 'preparing': 3 if n == 2 else 0}

def question(n, whole=False):
    """1 open, 2 overdue, 3 answered (of the approver), 4 closed."""
    began, state = now() - 5400000, {3: 'answered', 4: 'closed'}.get(n, 'open')
    person = lambda name: {'name': word(name), 'designation': word('Engineer'), 'mobile': word('+91 33 1'), 'email': word('a@example.org')}
    round_ = {'round': 1, 'began': iso(began), 'remind': iso(began + 7200000), 'due': iso(began + (3600000 if n == 2 else 14400000)),
              'explained': word('asked Tue 10:15 · Tue 10:15–14:15 counts 4 h · due Tue 14:15'), 'calendar': word('daily 08:00-22:00'),
              'extended': iso(began) if n == 2 else None, 'extended_why': word('the engineer is away') if n == 2 else None,
              'ended': None if state == 'open' else iso(now()), 'missed': n == 2, 'overdue': n == 2, 'used_seconds': 5400, 'wall_seconds': 9000,
              'left_seconds': 9000 if n == 1 else 0 if n == 2 else None, 'over_seconds': 1800 if n == 2 else 0, 'longer': iso(began + 43200000) if n == 1 else None}
    q = dict(round_, id=n, department='water', title=word('Water Supply'), submission=1 if n == 1 else None, event=None, state=state, urgent=n == 2,
             holds=n == 1, asked_by=word('user:rina (approver) by desk'), asked_as='approver' if n == 3 else 'agency', asked=iso(began), answered=None,
             closed=None, text=word('নতুন পাম্প কবে চালু হবে?'))
    if whole:
        said = [('ask', 'নতুন পাম্প কবে চালু হবে?', None)] + ([('answer', 'On Monday.\nAt nine.', 2), ('note', 'At Palta.', None)] if state != 'open' else [])
        q.update(rounds=[round_], notices=[], contacts={'officer': person('Anjali Sen'), 'deputy': person('Bimal Roy'), 'superior': person('Chitra Das')},
                 messages=[{'id': k, 'round': 1, 'at': iso(began + k * 60000), 'author': word('department:water'), 'kind': kind, 'via': 'file',
                            'text': word(text), 'submission': sub} for k, (kind, text, sub) in enumerate(said)])
    return q

def event(n, who=None):
    """1 today, 2 tomorrow, 3 missed, 4 cancelled."""
    starts = now() + {1: 0, 2: 86400000, 3: -86400000, 4: 86400000}[n]
    state = {3: 'missed', 4: 'cancelled'}.get(n, 'changed' if n == 2 else 'announced')
    person = lambda name: {'name': word(name), 'designation': word('Engineer'), 'mobile': word('+91 33 1'), 'email': word('a@example.org')}
    mine = who in ('rina', 'anjali') and n != 4
    return {'id': n, 'department': 'water', 'title': word('Water Supply'), 'event': word('পলতায় নতুন পাম্প স্টেশনের উদ্বোধন'), 'state': state, 'revision': 1,
            'starts': iso(starts), 'ends': iso(starts + 7200000), 'day': iso(starts)[:10], 'time': None if n == 2 else '11:00', 'until': None if n == 2 else '13:00',
            'all_day': n == 2, 'today': n == 1, 'over': n == 3, 'place': word('Palta'), 'ward': word('১২'), 'material': word('two photos'),
            'folder': word('2026-12-04 পাম্প'), 'expected': iso(starts + 18000000), 'covered': None, 'came': 1 if n == 1 else 0, 'made_by': word('user:anjali'),
            'late': False, 'missed_from': iso(starts + 2 * 86400000), 'made': iso(now()), 'changed': iso(now()), 'reason': word('It rains.') if n == 4 else None, 'uid': None, 'sequence': 0,
            'items': [{'id': 1, 'name': word('pump.jpg'), 'state': 'staged'}] if n == 1 else [], 'notices': [], 'changes': mine, 'cancels': mine,
            'contacts': {'officer': person('Anjali Sen'), 'deputy': person('Bimal Roy'), 'superior': person('Chitra Das')}}

def figures(k, n):
    """Of department number k, of n days or weeks: made up, and alike each time."""
    series = {'dropped': [(d * 7 + k * 5) % 11 if (d + k) % 6 else 0 for d in range(n)]}
    series['approved'] = [0] + [v * 3 // 4 for v in series['dropped'][:-1]]
    series['rejected'] = [v // 6 for v in series['dropped']]
    series['collected'] = [0] + series['approved'][:-1]
    series['posted'] = [v * 2 // 3 for v in series['collected']]
    series['links'] = [v * 2 for v in series['posted']]
    series.update(duplicates=[0] * n, refused=[int(v == 10) for v in series['dropped']], staged=series['dropped'])
    took = lambda s: {'median_seconds': s * (k + 1), 'max_seconds': s * (k + 9)}
    slug, title = [('water', 'Water Supply'), ('roads', 'রাস্তা বিভাগ'), ('health', 'Health')][k]
    return dict({name: sum(v) for name, v in series.items()}, department=slug, title=word(title), series=series, drop_to_staged=took(14.5), staged_to_approved=took(900.0),
                approved_to_collected=took(2400.0), approved_to_posted=None if k else took(7000.0), reasons=[{'reason': 'unclear', 'value': 'Picture is not clear', 'n': 3},
                {'reason': 'own', 'value': word('Flag is upside down'), 'n': 1}, {'reason': 'other', 'value': '', 'n': 2}] if k != 1 else [],
                questions={'asked': 4 - 4 * (k == 1), 'in_time': 2, 'missed': 1, 'open': 1, 'withdrawn': 0, 'extended': 1, 'answered': took(5000.0), 'answered_wall': took(30000.0)},
                events={'announced': 3 * (k == 0), 'covered': 1, 'missed': 1, 'cancelled': 1, 'coming': 0}, days_without=k, days_on_duty=n)

def report(ask, who):
    day = lambda s: datetime.date.fromisoformat(s)
    first, last = day(ask['from']), day(ask['to'])
    n = (last - first).days + 1
    step = 7 if ask.get('by', 'day' if n <= 62 else 'week') == 'week' else 1
    own = [0] if who == 'anjali' or ask.get('department') == 'water' else [2, 1, 0]
    spans = [str(first + datetime.timedelta(days=d)) for d in range(0, n, step)]
    rows = [] if n == 2 else [figures(k, len(spans)) for k in own]
    silent = [('lights', 'Street lighting'), ('zoo', '=1+2,"Zoo"')] if len(own) > 1 else []
    return {'ok': True, 'day': str(first), 'last_day': str(last), 'by': 'week' if step == 7 else 'day', 'spans': spans, 'departments': rows, 'all': dict(figures(0, len(spans)), department='', title=''),
            'silent': [s for s, t in silent], 'silent_titles': [word(t) for s, t in silent],
            'silent_rows': [{'department': s, 'title': word(t), 'days_without': n, 'days_on_duty': n} for s, t in silent]}

def answer(ask):
    global frozen
    what = ask.get('request')
    bad = lambda why, text='refused', cls='limit', **more: ({'ok': False, 'class': cls, 'error': text, 'why': why, **more}, None)
    if what == 'health':
        return {'ok': True, 'version': '0', 'frozen': frozen is not None, 'place': place()}, None
    if what == 'page-times':
        return {'ok': True}, None
    if what == 'touch':
        touched.extend(ask['ids'])
        return {'ok': True}, None
    if what == 'end-bundle':
        ended.append(1)
        return {'ok': True}, None
    if what == 'login-begin':
        if ask['name'] == 'slow':
            return {'ok': True, 'salt': '0' * 32, 'ops': 1, 'mem': 8192, 'wait_ms': 90000}, None
        return {'ok': True, 'salt': '0' * 32, 'ops': 1, 'mem': 8 << 20, 'wait_ms': 0}, None
    if what == 'login':
        if ask['name'] not in TOKEN:
            return bad('wrong')
        return {'ok': True, 'session': TOKEN[ask['name']], 'expires_ms': now() + 43200000, 'user': user(ask['name'])}, None
    if what == 'first-begin':
        if ask['token'] != 'f' * 32:
            return bad('gone', cls='usage')
        return {'ok': True, 'name': 'rina', 'roles': ['approver'], 'language': LANGUAGE['rina'], 'salt': '0' * 32, 'ops': 1, 'mem': 8 << 20, 'second': True,
                'totp': {'secret': 'JBSWY3DPEHPK3PXP', 'uri': 'otpauth://totp/Ghat:rina?secret=JBSWY3DPEHPK3PXP&issuer=Ghat'}}, None
    if what == 'first':
        return {'ok': True, 'session': TOKEN['rina'], 'expires_ms': now() + 43200000, 'user': user('rina')}, None
    if what == 'feed':
        if ask.get('token') != '6' * 32:
            return bad('gone', cls='usage')
        return {'ok': True, 'events': [dict(event(n), starts_ms=1796364000000, ends_ms=1796371200000, changed_ms=1796000000000) for n in (1, 2, 4)]}, None
    if what == 'wall':
        if ask['token'] != '5' * 32:
            return bad('gone', cls='usage')
        return {'ok': True, 'frozen': frozen, 'waiting': WAITING, 'oldest_ms': now() - 7500000, 'today': {'staged': 12, 'decided': 5, 'collected': 3}}, None
    who = [n for n, t in TOKEN.items() if t == ask.get('session')]
    if not who and str(ask.get('session')).startswith('0' * 58):  # a crowd of viewers
        who = ['crowd' + ask['session'][58:]]
    if not who:
        return bad('session', cls='usage')
    who, i = who[0], ask.get('id')
    if what == 'me':
        return {'ok': True, 'user': user(who), 'frozen': frozen, 'place': place(), 'second': {'required': True, 'on': True},
                'sessions': [{'id': 1, 'device': word('Chrome, Android'), 'address': '10.1.2.3', 'made_ms': now() - 86400000, 'seen_ms': now() - 60000, 'trusted': True, 'current': True},
                             {'id': 2, 'device': word('Firefox, Windows'), 'address': '10.1.2.9', 'made_ms': now() - 86400000, 'seen_ms': now() - 7200000, 'trusted': False, 'current': False}]}, None
    if what == 'queue':
        all_ = [k for k in range(1, WAITING + 1) if k not in decided]
        all_ = [k for k in all_ if ask.get('department') in (None, item(k)['department']) and ask.get('state') in ('staged', 'all')]
        all_ = [k for k in all_ if not ask.get('text') or ask['text'] in (item(k)['caption'] or '')]
        order = sorted(all_, key=lambda k: (k != 3, -k))
        order = [k for k in order if k < ask.get('before', 1 << 30)]
        counts = {}
        for k in all_:
            counts[item(k)['department']] = counts.get(item(k)['department'], 0) + 1
        return {'ok': True, 'items': [item(k) for k in order[:ask.get('limit', 200)]], 'counts': counts, 'pleas': [{'id': 3, 'department': 'water', 'asked': iso(now() - 600000), 'by': word('anjali'), 'text': word('The bridge is another one'), 'answered': None}] if 'approver' in ROLES.get(who, []) else [], 'platform_refused': [{'id': 1, 'placement': 'x.photo', 'time': iso(now()), 'by': word('bela'), 'text': word('The ratio is not allowed')}], 'waiting': len(all_),
                'oldest_ms': min([item(k)['dropped_ms'] for k in all_], default=0), 'more': len(order) > ask.get('limit', 200)}, None
    if what == 'outgoing':
        return {'ok': True, 'items': outgoing(), 'more': False, 'frozen': None}, None
    if what == 'bundles':
        return ({'ok': True, 'lists': [bundle(n) for n in (3, 2, 1)], 'new': {'files': 23, 'bytes': 118000000}}, None) if who != 'boss' else bad('role', cls='usage')
    if what == 'bundle-make':
        return {'ok': True, 'bundle': 1, 'more': False}, None
    if what in ('bundle', 'bundle-file', 'bundle-collected') and ask['bundle'] not in (1, 2, 3):
        return bad('gone', cls='usage')
    if what == 'bundle':
        gone = [{'id': 1, 'placement': 'fb.photo', 'reason': word('wrong bridge')}] if ended or ask['bundle'] == 3 else []
        return {'ok': True, 'list': bundle(ask['bundle']), 'lost': 0, 'gone': gone, 'entries': entries()}, None
    if what == 'bundle-file':
        names = sorted(os.listdir(MEDIA))
        if ended:
            return bad('withdrawn')
        if ask['entry'] == len(names):
            return {'ok': True, 'bytes': 7, 'text': 'Opened\n'}, None
        return {'ok': True, 'bytes': 0}, os.open(f'{MEDIA}/{names[ask["entry"]]}', os.O_RDONLY)
    if what == 'departments':
        return {'ok': True, 'departments': [{'slug': s, 'title': word(t), 'own': s == 'water', 'nodal_officer': {'name': word('Anjali Sen'), 'designation': word('Executive Engineer'),
                'mobile': word('+91 33 2286 1000'), 'email': word('nodal.water@example.org')},
                'deputy': {'name': word('Bimal Roy'), 'designation': None, 'mobile': word('98300 12345'), 'email': None}, 'superior': {'name': None, 'designation': None, 'mobile': None, 'email': None},
                'hours': word('daily 08:00-22:00')} for s, t in (('water', 'Water Supply'), ('roads', 'রাস্তা বিভাগ'), ('health', 'Health'))]}, None
    if what == 'profiles':
        titles = {'fb': 'Facebook', 'ig': 'Instagram', 'story': 'Stories', 'tg': 'Telegram', 'wa': 'WhatsApp', 'x': 'X', 'yt': 'YouTube'}
        return {'ok': True, 'profiles': [{'name': n, 'title': word(titles[n.split('.')[0]])} for n, *_ in PHOTO + VIDEO]}, None
    if what == 'reasons':
        return {'ok': True, 'reasons': [{'key': k, 'value': v, 'label': word(said(ask.get('language'), 'reason', v)), 'todo': word(said(ask.get('language'), 'todo', t)), 'offered': True} for k, v, t in REASONS]}, None
    if what == 'changes':
        boot, _, seq = ask.get('after', place()).partition('.')
        known = boot == BOOT and seq.isdigit() and len(touched) - RING <= int(seq) <= len(touched)
        ids = dict.fromkeys(touched[int(seq):]) if known else []
        return {'ok': True, 'place': place(), 'all': not known, 'changes': [
            {'kind': 'submission', 'id': k, 'state': 'staged', 'staged_ms': now()} for k in ids if k not in HIDDEN.get(who, ())]}, None
    if what in ('freeze', 'thaw'):
        frozen = {'since': iso(now()), 'by': 'user:rina', 'reason': word(ask.get('reason'))} if what == 'freeze' else None
        return {'ok': True, 'frozen': frozen}, None
    if what in ('me-set', 'session-end', 'logout', 'deputy', 'confirm', 'password', 'totp'):
        if what == 'me-set':
            LANGUAGE[who] = ask.get('language', LANGUAGE[who])
            KEYS[who] = ask.get('keys', True)
        return {'ok': True}, None
    if what == 'password-begin':
        return {'ok': True, 'salt': '0' * 32, 'ops': 1, 'mem': 8 << 20, 'new_ops': 1, 'new_mem': 8 << 20, 'wait_ms': 0}, None
    if what == 'totp-begin':
        return {'ok': True, 'totp': {'secret': 'JBSWY3DPEHPK3PXP', 'uri': 'otpauth://totp/Ghat:rina?secret=JBSWY3DPEHPK3PXP&issuer=Ghat'}}, None
    if what == 'report':
        while os.path.exists(SOCKET + '.slow'):  # of many days it takes its time
            time.sleep(0.05)
        if (datetime.date.fromisoformat(ask['to']) - datetime.date.fromisoformat(ask['from'])).days >= 400:
            return bad('', 'at most 400 days are told of one by one', cls='usage')
        return (report(ask, who), None) if who != 'agency' else bad('role', cls='usage')
    if what == 'questions':
        all_ = [question(n) for n in (2, 1, 4, 3)]
        all_ = [q for q in all_ if ask.get('state') in (None, q['state']) and ask.get('id') in (None, q['submission'])]
        return {'ok': True, 'questions': all_ if not ask.get('after') else all_[-1:], 'next': None if ask.get('after') or len(all_) < 4 else '.4'}, None
    if what == 'events':
        return {'ok': True, 'events': [event(n) for n in ([3] if ask.get('from') else [1, 2, 4])], 'next': None if ask.get('from') else '5.4'}, None
    if what in ('event', 'event-add', 'event-change', 'event-cancel'):
        n = ask.get('event', 1)
        return ({'ok': True, 'event': event(n, who)}, None) if n < 5 else bad('gone', 'there is no such thing, or it is not for you')
    if what == 'question-counts':
        return {'ok': True, 'open': 2, 'late': 1, 'next_due': question(1)['due'], 'answered': 0 if who == 'anjali' else 1}, None
    if what in ('question', 'answer', 'extend', 'reopen', 'close', 'withdraw-question'):
        n = ask.get('question')
        if n not in (1, 2, 3, 4):
            return bad('gone', cls='usage')
        if n == 4 and what != 'question':
            return bad('state', 'question 4 is closed: it takes no ' + what)
        return {'ok': True, 'question': question(n, True)}, None
    if what == 'ask':
        return {'ok': True, 'question': question(1, True)}, None
    if not isinstance(i, int) or not 1 <= i <= max(WAITING, 9):
        return bad('gone', cls='usage')
    if what == 'show':
        with lock:
            handles[f'{i}@{len(handles):06x}'] = i
            return {'ok': True, 'item': item(i), 'handle': list(handles)[-1], 'set_hash': set_hash(i),
                    'plea': {'id': 3, 'department': 'water', 'asked': iso(now() - 600000), 'by': word('anjali'), 'text': word('The bridge is another one'), 'answered': None, 'answered_by': None, 'answer': None} if i == 3 else None}, None
    if what == 'log':
        return {'ok': True, 'more': False, 'rows': [{'seq': 1, 'time': iso(now() - 3600000), 'actor': word('user:rina (approver) by desk'), 'subject': 'submission',
                                                     'action': 'caption', 'detail': word('a caption')}]}, None
    if what == 'file':
        if ask.get('preview'):
            making[(i, str(ask))] = making.get((i, str(ask)), 0) + 1
            if making[(i, str(ask))] == 1:
                return bad('making', 'the preview is being made', cls='again')
            if ask['preview'] not in (160, 360, 1600):
                return bad('', 'must be 360 or 1600', cls='usage')
            sha = [f for f in item(i)['files'] if f['file'] == ask['file']][0]['sha256'] if ask.get('original') else [r for r in item(i)['renditions'] if r['rendition'] == ask['rendition']][0]['sha256']
            path = f'{MEDIA}/{pictures[0]}'
            return {'ok': True, 'sha256': sha, 'bytes': os.path.getsize(path), 'extension': 'jpg', 'preview': ask['preview']}, os.open(path, os.O_RDONLY)
        if ask.get('original'):
            f = [f for f in item(i)['files'] if f['file'] == ask['file']]
            path = f'{MEDIA}/{ORIGINAL[i] if i in ORIGINAL else clips[i % len(clips)] if f and f[0]["media"] == "video" else pictures[0]}'
            return ({'ok': True, 'sha256': f[0]['sha256'], 'bytes': os.path.getsize(path), 'extension': path[path.rfind('.') + 1:], 'name': f[0]['name']}, os.open(path, os.O_RDONLY)) if f else bad('gone', cls='usage')
        r = [r for r in item(i)['renditions'] if r['rendition'] == ask['rendition'] and r['sha256']]
        if not r:
            return bad('gone', cls='usage')
        path = f'{MEDIA}/{r[0]["path"]}'
        return {'ok': True, 'sha256': r[0]['sha256'], 'bytes': os.path.getsize(path), 'placement': r[0]['placement'], 'extension': path[-3:]}, os.open(path, os.O_RDONLY)
    if what in ('approve', 'hold', 'reject', 'release', 'withdraw'):
        if i == 6:
            return bad('changed', 'the caption is not as it was shown', changes=[word('the caption is another one')])
        if i == 5 and what == 'withdraw':
            return bad('confirm')
        with lock:
            changed = 0 if decided.get(i) == what else 7
            decided[i] = what
        return {'ok': True, 'changed': changed, 'state': 'decided', 'out_at': iso(now() + 60000) if what == 'approve' else None}, None
    if what == 'focal':
        points[i], was = ask.get('at'), points.get(i)
        return {'ok': True, 'changed': 1, 'was': was}, None
    if what == 'undo':
        decided.pop(i, None)
    return {'ok': True, 'changed': 1}, None

def serve(c):
    data = b''
    try:
        while b'\n' not in data:
            got = c.recv(65536)
            if not got:
                return
            data += got
        ask = json.loads(data)
        print(json.dumps(ask, ensure_ascii=False), flush=True)
        reply, fd = answer(ask)
        line = json.dumps(reply).encode() + b'\n'
        c.sendmsg([line[:1]], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [fd]))] if fd is not None else [])
        if fd is not None:
            os.close(fd)
        c.sendall(line[1:])
    except OSError:
        pass
    finally:
        c.close()

entries()  # their sums, before anybody waits for them
if os.path.exists(SOCKET):
    os.unlink(SOCKET)
s = socket.socket(socket.AF_UNIX)
os.path.isdir(MEDIA) and entries() # what takes long for 5 GB is done before anybody asks
s.bind(SOCKET)
s.listen(128)
while True:
    c, _ = s.accept()
    threading.Thread(target=serve, args=(c,), daemon=True).start()
