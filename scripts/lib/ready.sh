# shellcheck shell=bash
# What .venv was made of, and whether that still is what is wanted.

# shellcheck disable=SC2154 # whoever sources this has set root
readonly venv=$root/.venv
readonly stamp=$venv/.kvarbo-ready     # the sum of all it was made of; then a line for people
# shellcheck disable=SC2034 # scripts/setup writes and reads it
readonly made_at=$venv/.kvarbo-made-at # its place: one that was moved or copied is made anew
readonly half_made=$venv/.kvarbo-half  # there while packages are being put in

# One sum over all that decides what .venv holds; its place too, as an environment cannot move.
wanted_sum() {
    {
        printf '%s\n' "$root"
        cat "$root"/requirements/*.txt "$root"/scripts/setup \
            "$root"/scripts/lib/{python,private_python,ready}.sh
    } | sha256sum | cut -d' ' -f1
}

is_ready() {
    [[ -r $stamp && ! -e $half_made ]] &&
        [[ $(sed -n 1p "$stamp") == "$(wanted_sum)" ]] &&
        "$venv/bin/python" -c '' 2>/dev/null
}

describe() { sed -n 2p "$stamp"; }
