# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of ghat in bash: ghat itself says what may come next.
_ghat() {
    local cur=${COMP_WORDS[COMP_CWORD]}
    mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" --complete "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" -- "$cur" | sort -u)
}
complete -o default -F _ghat ghat
