# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a Dolby Vision clip of profile 8.4 out of an HLG one, as phones record it.

    python3 tests/e2e/dolby.py rpu IN.hevc OUT.hevc     put an RPU (NAL unit type 62) behind every picture of an Annex B stream
    python3 tests/e2e/dolby.py box IN.mp4 OUT.mp4       put a dvvC box into the sample entry; moov must come after mdat
"""
import struct, sys


class Bits:
    def __init__(self):
        self.text = ''

    def u(self, n, v):
        self.text += format(v, f'0{n}b')

    def ue(self, v):
        code = format(v + 1, 'b')
        self.text += '0' * (len(code) - 1) + code

    def se(self, v):
        self.ue(2 * v - 1 if v > 0 else -2 * v)

    def bytes(self):
        text = self.text + '0' * (-len(self.text) % 8)
        return bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))


def rpu():
    """An RPU that maps each component to itself (ETSI GS CCM 001, annex on syntax)."""
    b = Bits()
    b.u(8, 25)                          # prefix
    b.u(6, 2), b.u(11, 0)               # type, format
    b.u(4, 1), b.u(4, 0), b.u(1, 1)     # profile, level, sequence info follows
    b.u(1, 0), b.u(2, 0), b.ue(23)      # filter, coefficients: integers of 23 bits
    b.u(2, 1), b.u(1, 0)                # normalised, limited range
    b.ue(2), b.ue(2), b.ue(4)           # depths less 8: base, enhancement, mapped
    b.u(1, 0), b.u(3, 0), b.u(1, 0), b.u(1, 1)  # no resampling, no residual
    b.u(1, 0), b.u(1, 0)                # no display metadata, no earlier RPU
    b.ue(0), b.ue(0), b.ue(0)           # id, colour space, chroma format
    for _ in range(3):
        b.ue(0), b.u(10, 0), b.u(10, 1023)  # two pivots
    b.ue(0), b.ue(0)                    # one partition
    for _ in range(3):
        b.ue(0), b.ue(0), b.u(1, 0)     # a polynomial of order 1
        b.se(0), b.u(23, 0)             # 0
        b.se(1), b.u(23, 0)             # + 1 x
    payload = b.bytes()
    crc = 0xffffffff
    for byte in payload[1:]:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04c11db7) & 0xffffffff if crc & 0x80000000 else crc << 1
    return payload + struct.pack('>I', crc) + b'\x80'


def nal(payload):
    out, zeros = bytearray(b'\x7c\x01'), 0
    for byte in payload:
        if zeros >= 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return b'\0\0\0\1' + bytes(out)


def add_rpus(data):
    units = [u.rstrip(b'\0') for u in data.split(b'\0\0\1')[1:]]
    out, open_picture, made = bytearray(), False, 0
    unit = nal(rpu())
    for u in units:
        kind = u[0] >> 1 & 63
        starts = kind < 32 and u[2] & 0x80 or 32 <= kind <= 35 or kind == 39
        if starts and open_picture:
            out += unit
            made += 1
            open_picture = False
        open_picture = open_picture or kind < 32
        out += b'\0\0\0\1' + u
    return bytes(out + unit), made + 1


def add_box(data):
    at = data.rindex(b'moov') - 4
    assert at > data.index(b'mdat'), 'moov comes before mdat'
    # dv_version 1.0, profile 8, level 4, RPU and base layer, compatible with HLG (4)
    bits = 1 << 24 | 8 << 9 | 4 << 3 | 1 << 2 | 0 << 1 | 1
    box = struct.pack('>I4sIB19x', 32, b'dvvC', bits, 4 << 4)

    def grow(path, start, end):
        while start < end:
            size, kind = struct.unpack('>I4s', data[start:start + 8])
            if kind == path[0]:
                data[start:start + 4] = struct.pack('>I', size + len(box))
                if len(path) == 1:
                    data[start + size:start + size] = box
                    return True
                head = {b'stsd': 16}.get(kind, 8)
                if grow(path[1:], start + head, start + size):
                    return True
                data[start:start + 4] = struct.pack('>I', size)
            start += size
        return False

    data = bytearray(data)
    assert grow([b'moov', b'trak', b'mdia', b'minf', b'stbl', b'stsd', b'hvc1'], at, len(data)), 'no hvc1 sample entry'
    return bytes(data)


if __name__ == '__main__':
    source = open(sys.argv[2], 'rb').read()
    made = add_rpus(source)[0] if sys.argv[1] == 'rpu' else add_box(source)
    open(sys.argv[3], 'wb').write(made)
