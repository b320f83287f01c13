#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""smuggle.py KIND IN.mp4 OUT.mp4: hide the word SMUGGLED-KIND in an H.264/AAC film, where players do not look. Without KIND: the kinds."""
import struct
import sys

CONTAINERS = (b'moov', b'trak', b'mdia', b'minf', b'stbl')


def boxes(data, at, end):
    while at + 8 <= end:
        size, kind = struct.unpack('>I4s', data[at:at + 8])
        yield kind, at + 8, at + size
        at += size


def tree(data):
    return [(k, tree(data[a:e]) if k in CONTAINERS else data[a:e]) for k, a, e in boxes(data, 0, len(data))]


def flat(nodes):
    return b''.join(struct.pack('>I', 8 + len(body)) + k + body for k, v in nodes for body in [flat(v) if isinstance(v, list) else v])


def child(nodes, path):
    for part in path.split('/'):
        nodes = next(v for k, v in nodes if k == part.encode())
    return nodes


def put(nodes, path, value):
    *up, last = path.split('/')
    nodes = child(nodes, '/'.join(up)) if up else nodes
    i = next(i for i, (k, _) in enumerate(nodes) if k == last.encode())
    nodes[i] = (last.encode(), value)


def table(body, width):
    n = struct.unpack('>I', body[4:8])[0]
    return [struct.unpack('>%dI' % width, body[8 + i * 4 * width:8 + (i + 1) * 4 * width]) for i in range(n)]


def chunks(stbl, data):
    """The samples of each chunk."""
    size, n = struct.unpack('>II', child(stbl, 'stsz')[4:12])
    sizes = [size] * n if size else [s for s, in struct.iter_unpack('>I', child(stbl, 'stsz')[12:12 + 4 * n])]
    offsets = [o for o, in table(child(stbl, 'stco'), 1)]
    runs, k, out = table(child(stbl, 'stsc'), 3), 0, []
    for i, at in enumerate(offsets):
        per = [r[1] for r in runs if r[0] <= i + 1][-1]
        out.append([])
        for s in sizes[k:k + per]:
            out[-1].append(data[at:at + s])
            at += s
        k += per
    return out


def rebuild(nodes, tracks):
    """tracks: for each trak its stbl and its chunks of samples."""
    nodes = [(k, v) for k, v in nodes if k in (b'ftyp', b'moov')]
    for _ in range(2):  # sizes do not depend on offsets
        at = len(flat(nodes)) + 8
        for stbl, parts in tracks:
            offsets = []
            for part in parts:
                offsets.append(at)
                at += sum(map(len, part))
            sizes = [len(s) for part in parts for s in part]
            put(stbl, 'stsz', struct.pack('>III', 0, 0, len(sizes)) + b''.join(struct.pack('>I', s) for s in sizes))
            put(stbl, 'stco', struct.pack('>II', 0, len(offsets)) + b''.join(struct.pack('>I', o) for o in offsets))
    return flat(nodes + [(b'mdat', b''.join(s for _, parts in tracks for part in parts for s in part))])


# ---------------------------------------------------------------------------------------------- the word, in one unit

def unit(kind, payload):
    return struct.pack('>I', 1 + len(payload)) + bytes([kind]) + payload


def sei(kind, payload):
    size = b'\xff' * (len(payload) // 255) + bytes([len(payload) % 255])
    return unit(6, bytes([kind]) + size + payload + b'\x80')


def boxed(stsd, name, edit):
    """stsd, with the body of a box in its first entry edited. The box is the last but what follows it."""
    at = stsd.index(name) - 4
    size = struct.unpack('>I', stsd[at:at + 4])[0]
    body = edit(stsd[at + 8:at + size])
    grown = len(body) + 8 - size
    entry = struct.unpack('>I', stsd[8:12])[0]
    return stsd[:8] + struct.pack('>I', entry + grown) + stsd[12:at] + struct.pack('>I', size + grown) + name + body + stsd[at + size:]


def in_sets(word):
    """Behind the trailing bits of each parameter set, and behind the last one."""
    def edit(avcc):
        out, at = avcc[:5], 5
        for mask in (0x1f, 0xff):
            n = avcc[at] & mask
            out, at = out + avcc[at:at + 1], at + 1
            for _ in range(n):
                size = struct.unpack('>H', avcc[at:at + 2])[0]
                out += struct.pack('>H', size + len(word)) + avcc[at + 2:at + 2 + size] + word
                at += 2 + size
        return out + avcc[at:]
    return edit


def in_config(word):
    """Behind an AudioSpecificConfig: the descriptors of esds grow, all with sizes of four bytes as FFmpeg writes them."""
    def edit(esds):
        at = esds.index(b'\x05\x80\x80\x80')
        n = esds[at + 4]
        end = at + 5 + n
        out = bytearray(esds[:at + 4] + bytes([n + len(word)]) + esds[at + 5:end] + word + esds[end:])
        for tag in (b'\x03\x80\x80\x80', b'\x04\x80\x80\x80'):
            i = bytes(out).index(tag)
            out[i + 4] += len(word)
        return bytes(out)
    return edit


BEFORE = {  # a unit before each picture's
    'sei-buffering': lambda w: sei(0, b'\x80' + w * 40),
    'sei-timing': lambda w: sei(1, b'\0' * 12 + w * 40),
    'sei-recovery': lambda w: sei(6, b'\xc4' + w * 40),
    'sei-registered': lambda w: sei(4, w),
    'sei-user': lambda w: sei(5, b'\0' * 16 + w * 100),
    'sei-late': lambda w: sei(19, b'\1' * 2000 + w),
    'filler': lambda w: unit(12, w + b'\x80'),
    'delimiter': lambda w: unit(9, b'\xf0' + w),
    'end-of-stream': lambda w: b'',
    'parameters-again': lambda w: b'',
}
for number in (0, 13, 14, 15, 16, 18, 19, 20, 21, 22, 24, 30, 31):
    BEFORE['unit-%d' % number] = lambda w, number=number: unit(number, w * 10)


def main():
    kinds = [*BEFORE, 'tail', 'sets', 'behind-sets', 'sound-config']
    if len(sys.argv) < 4:
        print(*kinds)
        return
    kind, source, target = sys.argv[1:4]
    word = b'SMUGGLED-' + kind.encode()
    data = open(source, 'rb').read()
    nodes = tree(data)
    tracks = []
    for k, trak in child(nodes, 'moov'):
        if k != b'trak':
            continue
        stbl = child(trak, 'mdia/minf/stbl')
        parts = chunks(stbl, data)
        stsd = child(stbl, 'stsd')
        if b'avcC' in stsd:
            if kind in BEFORE:
                extra = BEFORE[kind](word)
                if kind == 'parameters-again':
                    at = stsd.index(b'avcC') + 4 + 6
                    size = struct.unpack('>H', stsd[at:at + 2])[0]
                    extra = struct.pack('>I', size + len(word)) + stsd[at + 2:at + 2 + size] + word
                parts = [[extra + s for s in part] for part in parts]
            if kind == 'end-of-stream':
                parts[-1][-1] += unit(11, word)
            if kind == 'tail':
                parts = [[s + word[:3] for s in part] for part in parts]
            edit = {'sets': in_sets(word), 'behind-sets': lambda b: b + word}.get(kind)
            if edit:
                put(stbl, 'stsd', boxed(stsd, b'avcC', edit))
        elif kind == 'sound-config':
            put(stbl, 'stsd', boxed(stsd, b'esds', in_config(word)))
        tracks.append((stbl, parts))
    open(target, 'wb').write(rebuild(nodes, tracks))


main()
