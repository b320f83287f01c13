#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A language is a file of po/ and nothing else: one more, made of Bengali with a few words of its own, is built in and spoken, and no source
# names a language, but the defaults of a department's card and of a desk's visitor who has not said his.
set -u
[ -z "$SAN" ] || { echo "the archive is built with sanitizers"; exit 77; }
named=$(grep -rnE '"(bn|hi)"|"[a-z,]*\b(bn|hi)\b[a-z,]*"' base filters daemon ctl desk post pipeline --include='*.c' | grep -vE '#define LANGUAGES "bn,en"|o->language : "bn"')
[ -z "$named" ] || { echo "a language by name: $named"; exit 1; }
sed 's/^"Language: bn/"Language: xx/; s/^msgstr "আজ"$/msgstr "ezu"/; s/^msgstr "০১২৩৪৫৬৭৮৯"$/msgstr "oizeasgtbp"/' po/bn.po >"$TMPDIR/xx.po"
tools/po build "$TMPDIR/words.c" po/*.po "$TMPDIR/xx.po" || exit 1
cat >"$TMPDIR/main.c" <<'C'
#include "base/speak.h"
#include "base/str.h"

int main(void)
{
    GH_AUTO_STR said = {0};
    const struct gh_words *w = gh_words_of("xx-IN");
    gh_str_printf(&said, "%s %s ", gh_words_language(w), gh_word(w, "day", "today"));
    gh_speak(&said, w, GH_SPEAK_NUMBER, 1234567, 0);
    gh_str_printf(&said, " %s", gh_word(gh_words_of("bn"), "day", "today"));
    puts(gh_str_text(&said));
    return 0;
}
C
gcc -std=gnu11 -D_GNU_SOURCE -I. "$TMPDIR/main.c" "$TMPDIR/words.c" "$B/lib/base.a" -lpthread -o "$TMPDIR/speaks" || exit 1
said=$("$TMPDIR/speaks")
[ "$said" = 'xx ezu iz,ea,sgt আজ' ] || { echo "it says: $said"; exit 1; }
