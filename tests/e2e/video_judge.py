# SPDX-License-Identifier: GPL-3.0-or-later
"""Judging a video without Ghat: an MP4 box walk of our own, and ffprobe. Imported by the end-to-end scripts.

    python3 tests/e2e/video_judge.py FILE [key=value…]     prints what is wrong, ends with 1 when something is
    keys: profile=Main bframes=0 gop=2.0 fps=25 size=320x240 seconds=3.0 sound=no
"""
import json, re, struct, subprocess, sys
from fractions import Fraction

CONTAINERS = (b'moov', b'trak', b'edts', b'mdia', b'minf', b'stbl', b'dinf', b'udta', b'meta')
ALLOWED = {'ftyp', 'moov', 'mdat', 'free', 'moov/mvhd', 'moov/trak', 'moov/free', 'moov/trak/tkhd', 'moov/trak/mdia', 'moov/trak/mdia/mdhd',
           'moov/trak/mdia/hdlr', 'moov/trak/mdia/minf'}


def boxes(data, start=0, end=None, path=''):
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack('>I4s', data[start:start + 8])
        head = 8
        if size == 1:
            size, head = struct.unpack('>Q', data[start + 8:start + 16])[0], 16
        size = size or end - start
        if size < head or start + size > end:
            raise ValueError(f'box {path}{kind} of {size} bytes at {start}')
        name = path + kind.decode('latin1')
        yield name, data[start + head:start + size]
        if kind in CONTAINERS:
            yield from boxes(data, start + head, start + size, name + '/')
        start += size
    if start != end:
        raise ValueError(f'{end - start} bytes after the last box of {path or "the file"}')


def run(tool, *args):
    """Its output, and what it calls an error itself, by exit status and log level: other libraries write to stderr, too, and judge nothing."""
    done = subprocess.run([tool, '-v', 'level+error', *args], capture_output=True, text=True)
    errors = [line for line in done.stderr.splitlines() if re.search(r'\[(error|fatal|panic)\]', line)]
    return done.stdout, '; '.join(errors) or (f'exit {done.returncode}' if done.returncode else '')


def ffprobe(path, *args):
    out, errors = run('ffprobe', '-of', 'json', *args, path)
    if errors:
        raise ValueError('ffprobe: ' + errors[:200])
    return json.loads(out)


def nal_types(path):
    """H.264 NAL unit types of the whole stream, and the payload types of its SEI messages."""
    raw = subprocess.run(['ffmpeg', '-nostdin', '-v', 'error', '-i', path, '-map', '0:v', '-c', 'copy', '-bsf:v', 'h264_mp4toannexb', '-f', 'h264', '-'],
                         capture_output=True).stdout
    units = raw.replace(b'\0\0\0\1', b'\0\0\1').split(b'\0\0\1')[1:]
    return {u[0] & 31 for u in units if u}, {u[1] for u in units if len(u) > 1 and u[0] & 31 == 6}, raw


def faults(path, want):
    data = open(path, 'rb').read()
    found = list(boxes(data))
    names = [n for n, _ in found]
    if names.index('moov') > names.index('mdat'):
        yield 'moov comes after mdat'
    for bad in ('elst', 'udta', 'meta', 'uuid', 'edts', 'skip', 'moof'):
        if any(n.split('/')[-1] == bad for n in names):
            yield f'a box {bad}'
    handlers = sorted(body[8:12].decode() for n, body in found if n.endswith('/hdlr'))
    if handlers != (['vide'] if want.get('sound') == 'no' else ['soun', 'vide']):
        yield f'tracks {handlers}'
    for n, body in found:
        if n.endswith('/hdlr') and body[24:].strip(b'\0') not in (b'VideoHandler', b'SoundHandler', b''):
            yield f'a handler calls itself {body[24:60]}'
    sample_entries = [body for n, body in found if n.endswith('/stsd')]
    colr = [e for e in sample_entries if b'colrnclx' in e]
    if not colr or colr[0][colr[0].index(b'colrnclx') + 8:][:7] != bytes([0, 1, 0, 1, 0, 1, 0]):
        yield 'no colr box that says BT.709, limited range'
    for word in (b'x264', b'Lavf', b'Lavc', b'libx', b'encoder'):
        if word in data:
            yield f'the words {word.decode()}'
    types, seis, _ = nal_types(path)
    if seis & {5}:
        yield 'SEI user data'

    p = ffprobe(path, '-show_streams', '-show_format', '-show_chapters')
    v = [s for s in p['streams'] if s['codec_type'] == 'video'][0]
    a = [s for s in p['streams'] if s['codec_type'] == 'audio']
    tags = {k: x for s in p['streams'] + [p['format']] for k, x in s.get('tags', {}).items()}
    for k in set(tags) - {'language', 'handler_name', 'vendor_id', 'major_brand', 'minor_version', 'compatible_brands'}:
        yield f'the tag {k} = {tags[k]}'
    if p['chapters']:
        yield 'chapters'
    expect = dict(codec_name='h264', pix_fmt='yuv420p', color_range='tv', color_space='bt709', color_transfer='bt709',
                  color_primaries='bt709', sample_aspect_ratio='1:1', field_order='progressive', chroma_location='left')
    for k, x in expect.items():
        if v.get(k, x) != x:
            yield f'{k} is {v.get(k)}, not {x}'
    if 'side_data_list' in v:
        yield f'side data {v["side_data_list"]}'
    if float(v['start_time']) > 0.0005:
        yield f'the picture starts at {v["start_time"]}'
    for s in a:
        if (s['codec_name'], s['profile'], s['sample_rate'], s['channels']) != ('aac', 'LC', '48000', 2):
            yield f'sound {s["codec_name"]} {s["profile"]} {s["sample_rate"]} Hz {s["channels"]} ch'
        if abs(float(s['start_time']) - float(v['start_time'])) > 0.040:
            yield f'sound starts {s["start_time"]}, picture {v["start_time"]}'
        if abs(float(s['duration']) - float(v['duration'])) > 0.040:
            yield f'sound lasts {s["duration"]}, picture {v["duration"]}'

    frames = ffprobe(path, '-select_streams', 'v', '-show_entries', 'packet=pts,duration,flags')['packets']
    pts = sorted(int(f['pts']) for f in frames)
    gaps = {b - x for x, b in zip(pts, pts[1:])}
    if len(gaps) > 1:
        yield f'frame distances {sorted(gaps)}: the rate is not constant'
    base = Fraction(v['time_base'])
    keys = [Fraction(int(f['pts'])) * base for f in frames if 'K' in f['flags']]
    if 'gop' in want:
        far = max([float(b - x) for x, b in zip(keys, keys[1:])] + [float(Fraction(v['duration'])) - float(keys[-1])])
        if far > float(want['gop']) + 0.05:
            yield f'a GOP of {far:.2f} s, at most {want["gop"]}'
    # closed GOPs: nothing is shown before the key picture it follows in the file, and every key picture is an IDR
    key = None
    for f in frames:
        if 'K' in f['flags']:
            key = int(f['pts'])
        elif int(f['pts']) < key:
            yield 'an open GOP'
            break
    if 'fps' in want and abs(Fraction(v['avg_frame_rate']) - Fraction(want['fps'])) > Fraction(1, 100):
        yield f'{v["avg_frame_rate"]} fps, not {want["fps"]}'
    if 'profile' in want and v['profile'] not in (want['profile'], 'Constrained ' + want['profile']):
        yield f'profile {v["profile"]}, not {want["profile"]}'
    if want.get('bframes') == '0' and (v['has_b_frames'] or [int(f['pts']) for f in frames] != pts):
        yield 'B-frames'
    if 'size' in want and f'{v["width"]}x{v["height"]}' != want['size']:
        yield f'{v["width"]}x{v["height"]}, not {want["size"]}'
    if 'seconds' in want and abs(float(v['duration']) - float(want['seconds'])) > 0.05:
        yield f'{v["duration"]} s, not {want["seconds"]}'
    bad = run('ffmpeg', '-nostdin', '-xerror', '-err_detect', 'explode', '-i', path, '-f', 'null', '-')[1]
    if bad:
        yield 'ffmpeg: ' + bad[:200]


if __name__ == '__main__':
    found = list(faults(sys.argv[1], dict(w.split('=', 1) for w in sys.argv[2:])))
    for f in found:
        print(f'{sys.argv[1]}: {f}')
    sys.exit(bool(found))
