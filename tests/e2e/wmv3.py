# SPDX-License-Identifier: GPL-3.0-or-later
"""A grey video in WMV3 (VC-1, SMPTE 421M, main profile), which no free encoder writes: an AVI of key pictures whose blocks hold nothing.

    python3 tests/e2e/wmv3.py FILE.avi PICTURES
"""
import struct, sys

W, H, FPS = 320, 240, 25


class Bits:
    def __init__(self, *fields):
        self.text = ''
        for value, bits in fields:
            self.put(value, bits)

    def put(self, value, bits):
        self.text += format(value, '0%db' % bits)

    def bytes(self):
        text = self.text + '0' * (-len(self.text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, 'big')


# STRUCT_C: main profile, post-processing hints, FASTTX and FASTUVMC, one quantizer for the picture, RTM; all else is off.
SEQUENCE = Bits((1, 2), (0, 2), (7, 3), (31, 5), (0, 3), (3, 2), (0, 1), (0, 2), (0, 5), (0, 3), (0, 2), (0, 1), (1, 1)).bytes()


def picture():
    # count, I, buffer fullness, PQINDEX 8 and no half step; the first of the tables for AC and DC
    bits = Bits((0, 2), (0, 1), (0, 7), (8, 5), (0, 1), (0, 3))
    for _ in range((W // 16) * (H // 16)):
        bits.put(0b10, 2)     # no block is coded, no prediction of AC
        bits.put(0b1111, 4)   # luma: no difference of DC
        bits.put(0b0000, 4)   # chroma
    return bits.bytes()


def chunk(kind, data):
    return kind + struct.pack('<I', len(data)) + data + b'\0' * (len(data) % 2)


def main(path, n):
    avih = struct.pack('<14I', 1000000 // FPS, 0, 0, 0x10, n, 0, 1, 0, W, H, 0, 0, 0, 0)
    strh = struct.pack('<4s4sIHHIIIIIIiI4H', b'vids', b'WMV3', 0, 0, 0, 0, 1, FPS, 0, n, 0, -1, 0, 0, 0, W, H)
    strf = struct.pack('<IiiHH4sIiiII', 44, W, H, 1, 24, b'WMV3', 0, 0, 0, 0, 0) + SEQUENCE
    streams = chunk(b'LIST', b'strl' + chunk(b'strh', strh) + chunk(b'strf', strf))
    movie = b''.join(chunk(b'00dc', picture()) for _ in range(n))
    open(path, 'wb').write(chunk(b'RIFF', b'AVI ' + chunk(b'LIST', b'hdrl' + chunk(b'avih', avih) + streams) + chunk(b'LIST', b'movi' + movie)))


main(sys.argv[1], int(sys.argv[2]))
