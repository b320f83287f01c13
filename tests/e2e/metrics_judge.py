# SPDX-License-Identifier: GPL-3.0-or-later
# metrics_judge.py [--open] < TEXT: is it what Prometheus reads (text format 0.0.4), or OpenMetrics 1.0? Says the first line that is not.
# Stricter than either: every family is described, its samples stand together, and no sample is there twice.
import re
import sys

opened = "--open" in sys.argv
text = sys.stdin.read()
SAMPLE = re.compile(r'^([a-z_]+)(?:\{((?:[a-z_]+="[^"\\\n]*",?)*)\})? (-?[0-9]+(?:\.[0-9]+)?)$')
KINDS = {"gauge": [""], "counter": ["_total"] if opened else [""], "histogram": ["_bucket", "_sum", "_count"]}


def die(line, why):
    sys.exit(f"metrics: {why}: {line}")


lines = text.split("\n")
if lines.pop() != "":
    die(text[-40:], "no line feed at the end")
if opened and lines.pop() != "# EOF":
    die(text[-40:], "no end")
family = kind = help_of = None
done, samples, buckets = set(), {}, {}
for line in lines:
    if line.startswith("# HELP "):
        help_of = line.split(" ", 3)[2]
        if len(line.split(" ", 3)) < 4 or not line.endswith("."):
            die(line, "no sentence")
        if help_of in done:
            die(line, "described twice")
    elif line.startswith("# TYPE "):
        family, kind = line.split(" ")[2:]
        if family != help_of or kind not in KINDS:
            die(line, "a type of its own")
        if kind == "counter" and opened == family.endswith("_total"):
            die(line, "a counter's name")
        done.add(family)
    else:
        m = SAMPLE.match(line)
        if not m:
            die(line, "no sample")
        name, labels, value = m[1], m[2] or "", float(m[3])
        if name not in [family + end for end in KINDS[kind]]:
            die(line, f"not of {family}")
        if (name, labels) in samples:
            die(line, "twice")
        samples[name, labels] = value
        if kind != "gauge" and value < 0:
            die(line, "below 0")
        if name.endswith("_bucket"):
            key, le = re.sub(r',?le="[^"]*"', "", labels), float(re.search(r'le="([^"]*)"', labels)[1].replace("+Inf", "inf"))
            buckets.setdefault((family, key), []).append((le, value))
for (family, key), list_ in buckets.items():
    if list_ != sorted(list_) or [v for _, v in list_] != sorted(v for _, v in list_) or list_[-1][0] != float("inf"):
        die(family + key, "buckets that do not rise")
    if list_[-1][1] != samples[family + "_count", key]:
        die(family + key, "buckets and count differ")
print(len(samples))
