#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures for tests of photos, and what became of them. Pictures are PPM or PGM: djpeg and vips make them of everything else.
   draw OUT W H                 four coloured quarters, waves over them: nothing can be turned or mirrored unnoticed
   patches OUT W                16 flat colours, W pixels an edge each
   noise OUT W H                what no encoder makes small
   store IN OUT ORIENTATION     as a camera stores the upright picture IN that says so in its EXIF
   profile OUT p3|adobe|prophoto
   mean IN X Y W H              R G B
   rows IN R G B                first and last row that shows the colour, and how many in all
   person OUT W H Y             a head of skin's colour, its middle Y percent down, over a busy body and ground
   ground OUT W H KIND          leaves|brick|sand|planks: what has the colour of skin
   violet IN OUT Y              a violet ball on IN, its middle Y percent down
   psnr A B
   patchdiff A B N              largest difference of a channel between the middles of N × N patches
   jpeg IN                      one line: start of frame, sampling, how many bytes lie behind its end"""
import math, random, struct, sys

def read(path):
    data = open(path, 'rb').read()
    head, at = [], 0
    while len(head) < 4:
        while data[at:at + 1].isspace(): at += 1
        if data[at:at + 1] == b'#':
            at = data.index(b'\n', at)
            continue
        end = at
        while not data[end:end + 1].isspace(): end += 1
        head.append(data[at:end]); at = end
    w, h, most = (int(v) for v in head[1:])
    assert most == 255, path
    px = data[at + 1:]
    if head[0] == b'P5':
        px = bytes(v for v in px for _ in range(3))
    assert len(px) == w * h * 3, path
    return w, h, px

def write(path, w, h, px):
    open(path, 'wb').write(b'P6 %d %d 255\n' % (w, h) + bytes(px))

def draw(out, w, h):
    w, h = int(w), int(h)
    colours = [(200, 60, 40), (40, 160, 80), (50, 80, 190), (210, 190, 60)]
    px = bytearray()
    for y in range(h):
        for x in range(w):
            wave = int(25 * math.sin(x * 0.11) * math.cos(y * 0.07))
            px += bytes(min(255, max(0, v + wave)) for v in colours[(2 * x >= w) + 2 * (2 * y >= h)])
    write(out, w, h, px)

PATCHES = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (128, 128, 128), (200, 120, 90), (90, 160, 60),
           (60, 90, 170), (230, 200, 40), (150, 60, 140), (60, 150, 150), (40, 30, 20), (240, 180, 160), (180, 180, 40), (100, 200, 220)]
def patches(out, edge):
    edge = int(edge)
    px = bytearray()
    for y in range(4 * edge):
        for x in range(4):
            px += bytes(PATCHES[y // edge * 4 + x]) * edge
    write(out, 4 * edge, 4 * edge, px)

def noise(out, w, h):
    write(out, int(w), int(h), random.Random(4).randbytes(int(w) * int(h) * 3))

SKIN = (224, 172, 140)
def person(out, w, h, y):
    w, h, middle = int(w), int(h), int(h) * int(y) / 100
    radius, rnd, px = w * 0.12, random.Random(1), bytearray()
    for r in range(h):
        for c in range(w):
            away = math.hypot(c - w / 2, (r - middle) / 1.3)
            if away < radius:
                px += bytes(SKIN)
            elif r > middle + radius * 1.3 and abs(c - w / 2) < w * 0.25: # a checked shirt
                px += bytes((180, 180, 190) if (r // 12 + c // 12) % 2 else (60, 60, 90))
            elif r > h * 0.8: # gravel
                v = rnd.randrange(60, 160)
                px += bytes((v, v, v))
            else:
                px += bytes((150, 165, 160))
    write(out, w, h, px)

def ground(out, w, h, kind):
    w, h, rnd, px = int(w), int(h), random.Random(7), bytearray()
    leaf = [[rnd.choice([(196, 168, 140), (150, 120, 95), (226, 200, 176), (92, 74, 60)]) for _ in range(w // 9 + 1)] for _ in range(h // 9 + 1)]
    for r in range(h):
        for c in range(w):
            if kind == 'leaves':
                px += bytes(leaf[r // 9][c // 9])
            elif kind == 'brick': # with mortar, every second row shifted
                px += bytes((190, 185, 180) if r % 24 < 3 or (c + r // 24 % 2 * 30) % 60 < 3 else (168, 92, 70))
            elif kind == 'sand':
                v = rnd.randrange(-12, 12)
                px += bytes((208 + v, 176 + v, 140 + v))
            elif kind == 'planks': # upright ones, a gap between
                px += bytes((60, 40, 30) if c % 50 < 4 else (176, 124, 88))
    write(out, w, h, px)

VIOLET = (130, 60, 190)
def violet(src, out, y):
    w, h, px = read(src)
    middle, radius, px = h * int(y) / 100, w * 0.2, bytearray(px)
    for r in range(h):
        for c in range(w):
            if math.hypot(c - w / 2, r - middle) < radius:
                px[3 * (r * w + c):3 * (r * w + c) + 3] = bytes(VIOLET)
    write(out, w, h, px)

def store(src, out, orientation):
    # EXIF: where row 0 and column 0 of what is stored are seen
    w, h, px = read(src)
    o = int(orientation)
    rows, columns = (h, w) if o < 5 else (w, h)
    stored = bytearray()
    for r in range(rows):
        for c in range(columns):
            x, y = {1: (c, r), 2: (w - 1 - c, r), 3: (w - 1 - c, h - 1 - r), 4: (c, h - 1 - r),
                    5: (r, c), 6: (w - 1 - r, c), 7: (w - 1 - r, h - 1 - c), 8: (r, h - 1 - c)}[o]
            stored += px[3 * (y * w + x):3 * (y * w + x) + 3]
    write(out, columns, rows, stored)

# ---------------------------------------------------------------- profiles: three colorants adapted to D50 (Bradford), three curves
D50 = (0.9642, 1.0, 0.8249)
SPACES = {'p3': (((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), (0.3127, 0.3290), None),
          'adobe': (((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), (0.3127, 0.3290), 563 / 256),
          'prophoto': (((0.734699, 0.265301), (0.159597, 0.840403), (0.036598, 0.000105)), (0.345704, 0.358540), 1.8)}
def times(m, v): return [sum(a * b for a, b in zip(row, v)) for row in m]
def product(a, b): return [[sum(a[i][k] * b[k][j] for k in range(3)) for j in range(3)] for i in range(3)]
def inverse(m):
    (a, b, c), (d, e, f), (g, h, i) = m
    det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return [[v / det for v in row] for row in ((e * i - f * h, c * h - b * i, b * f - c * e), (f * g - d * i, a * i - c * g, c * d - a * f),
                                              (d * h - e * g, b * g - a * h, a * e - b * d))]
def colorants(name):
    primaries, white, _ = SPACES[name]
    xyz = lambda p: [p[0] / p[1], 1.0, (1 - p[0] - p[1]) / p[1]]
    columns = [xyz(p) for p in primaries]
    m = [[columns[j][i] for j in range(3)] for i in range(3)]
    scale = times(inverse(m), xyz(white))
    m = [[m[i][j] * scale[j] for j in range(3)] for i in range(3)]
    cone = [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
    here, there = times(cone, xyz(white)), times(cone, D50)
    adapt = product(inverse(cone), product([[there[i] / here[i] if i == j else 0 for j in range(3)] for i in range(3)], cone))
    return product(adapt, m)

def profile(out, name):
    fixed = lambda v: struct.pack('>i', round(v * 65536))
    xyz = lambda v: b'XYZ \0\0\0\0' + b''.join(fixed(c) for c in v)
    gamma = SPACES[name][2]
    if gamma:
        curve = b'curv\0\0\0\0' + struct.pack('>IH', 1, round(gamma * 256)) + b'\0\0'
    else:
        curve = b'para\0\0\0\0' + struct.pack('>HH', 3, 0) + b''.join(map(fixed, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)))
    title = ('test ' + name).encode() + b'\0'
    text = b'desc\0\0\0\0' + struct.pack('>I', len(title)) + title + bytes(78)
    m = colorants(name)
    tags = [(b'desc', text + bytes(-len(text) % 4)), (b'cprt', b'text\0\0\0\0none' + bytes(4)), (b'wtpt', xyz(D50))]
    tags += [(sig, xyz([m[i][j] for i in range(3)])) for j, sig in enumerate((b'rXYZ', b'gXYZ', b'bXYZ'))]
    tags += [(sig, curve) for sig in (b'rTRC', b'gTRC', b'bTRC')]
    at, table, body = 128 + 4 + 12 * len(tags), b'', b''
    for sig, data in tags:
        table += sig + struct.pack('>II', at + len(body), len(data))
        body += data
    head = struct.pack('>I4sI4s4s4s12s4s', at + len(body), b'\0\0\0\0', 0x02100000, b'mntr', b'RGB ', b'XYZ ', bytes(12), b'acsp')
    head += bytes(28) + b''.join(fixed(c) for c in D50) + bytes(48)
    assert len(head) == 128
    open(out, 'wb').write(head + struct.pack('>I', len(tags)) + table + body)

# ---------------------------------------------------------------- judging
def average(picture, x, y, w, h):
    pw, ph, px = picture
    assert 0 <= x and x + w <= pw and 0 <= y and y + h <= ph, 'outside the picture'
    sums = [0, 0, 0]
    for row in range(y, y + h):
        for c in range(3):
            sums[c] += sum(px[3 * (row * pw + x) + c:3 * (row * pw + x + w):3])
    return [v / (w * h) for v in sums]

def mean(path, x, y, w, h):
    print(*(round(v) for v in average(read(path), *map(int, (x, y, w, h)))))

def rows(path, *rgb):
    w, h, px = read(path)
    want = [int(v) for v in rgb]
    shown = [y for y in range(h) if sum(all(abs(px[3 * (y * w + x) + c] - want[c]) < 24 for c in range(3)) for x in range(0, w, 4)) * 4 > w / 50]
    print(*((shown[0], shown[-1], h) if shown else (0, 0, 0)))

def psnr(a, b):
    (w, h, one), (w2, h2, two) = read(a), read(b)
    if (w, h) != (w2, h2):
        print(0); return
    error = sum((p - q) ** 2 for p, q in zip(one, two)) / len(one)
    print('%.1f' % (99 if error == 0 else 10 * math.log10(255 ** 2 / error)))

def patchdiff(a, b, n):
    one, two, n = read(a), read(b), int(n)
    worst = 0
    for i in range(n * n):
        of = []
        for picture in (one, two):
            w, h = picture[0] // n, picture[1] // n
            of.append(average(picture, i % n * w + w // 4, i // n * h + h // 4, max(w // 2, 1), max(h // 2, 1)))
        worst = max(worst, *(abs(p - q) for p, q in zip(*of)))
    print(round(worst))

def jpeg(path):
    data = open(path, 'rb').read()
    assert data[:2] == b'\xff\xd8'
    at, frame = 2, ''
    while data[at + 1] != 0xd9:
        assert data[at] == 0xff, 'no marker'
        marker, size = data[at + 1], struct.unpack('>H', data[at + 2:at + 4])[0]
        if marker in (0xc0, 0xc1, 0xc2):
            n = data[at + 9]
            sampling = ','.join('%dx%d' % (data[at + 11 + 3 * i] >> 4, data[at + 11 + 3 * i] & 15) for i in range(n))
            frame = ('progressive ' if marker == 0xc2 else 'baseline ') + sampling
        at += 2 + size
        if marker == 0xda:
            while not (data[at] == 0xff and data[at + 1] not in (0, *range(0xd0, 0xd8))):
                at += 1
    print(frame, 'trailing', len(data) - at - 2)

globals()[sys.argv[1]](*sys.argv[2:])
