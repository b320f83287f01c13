#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every file of the corpus' metadata renders to all its placements, and the judge finds nothing wrong.
. tests/corpus/lib.sh
judged metadata
