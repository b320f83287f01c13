#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A department that means harm, and somebody who asks meanwhile.
nuisance.py folders DIR COUNT EACH      COUNT folders of EACH empty folders
nuisance.py touch DIR SECONDS RATE      each folder in DIR gets a new time stamp RATE times a second
nuisance.py sparse DIR SECONDS COUNT MB COUNT files of MB that cost nothing, written again whenever they are taken
nuisance.py ask SOCKET SECONDS          ghat status, 20 times a second: prints its times as JSON, in milliseconds
nuisance.py notes DIR COUNT             COUNT notes of long ago in a Status/ folder
nuisance.py watch_notes SOCKET DIR COUNT SECONDS   ghat status until they are gone: its times, and how many answers came in between
"""
import json
import os
import socket
import sys
import time


def folders(top, count, each):
    for i in range(int(count)):
        os.mkdir('%s/many%03d' % (top, i))
        for k in range(int(each)):
            os.mkdir('%s/many%03d/%05d' % (top, i, k))


def touch(top, seconds, rate):
    names = [e.path for e in os.scandir(top) if e.name.startswith('many')]
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        for name in names:
            os.utime(name)
        time.sleep(1 / float(rate))


def sparse(top, seconds, count, megabytes):
    n, end = 0, time.monotonic() + float(seconds)
    while time.monotonic() < end:
        for i in range(int(count)):
            path = '%s/hole%02d.mp4' % (top, i)
            if not os.path.exists(path):
                with open(path, 'wb') as f:
                    f.write(b'\0\0\0\x18ftypmp42%08d' % n)
                    f.truncate(int(megabytes) << 20)
                n += 1
        time.sleep(0.5)


def status(path):
    """Ask ghatd for its status once; returns the milliseconds it took."""
    began = time.monotonic()
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(path)
        s.sendall(b'{"request":"status"}\n')
        answer = b''
        while not answer.endswith(b'\n'):
            more = s.recv(1 << 16)
            if not more:
                sys.exit('no answer')
            answer += more
    return (time.monotonic() - began) * 1000


def tell(times, **more):
    times.sort()
    at = lambda part: round(times[min(len(times) - 1, int(len(times) * part))], 1)
    print(json.dumps({'asked': len(times), 'p50': at(0.5), 'p99': at(0.99), 'max': round(times[-1], 1), **more}))


def ask(path, seconds):
    times, end = [], time.monotonic() + float(seconds)
    while time.monotonic() < end:
        times.append(status(path))
        time.sleep(max(0, 0.05 - times[-1] / 1000))
    tell(times)


def notes(folder, n):
    """Notes of long ago in a Status/ folder."""
    os.makedirs(folder, exist_ok=True)
    for i in range(int(n)):
        name = f'{folder}/old{i:06}.jpg.txt'
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT, 0o644))
        os.utime(name, (1e9, 1e9))


def watch_notes(path, folder, n, seconds):
    """Ask until the notes are gone; between: answers while some were gone and some were not."""
    times, between, end = [], 0, time.monotonic() + float(seconds)
    left = lambda: sum(e.name.startswith('old') for e in os.scandir(folder))
    while (before := left()) and time.monotonic() < end:
        times.append(status(path))
        between += before < int(n) and left() > 0
        time.sleep(0.02)
    tell(times, between=between, left=left())


globals()[sys.argv[1]](*sys.argv[2:])
