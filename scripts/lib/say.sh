# shellcheck shell=bash
# How the scripts speak: one voice, to stderr, so that stdout stays free for data.

say() { printf '%s\n' "$*" >&2; }

# A step that takes long announces itself before it starts and says how long it took.
step() {
    local what=$1 started=$SECONDS
    shift
    say "==> $what"
    "$@" || {
        local rc=$?
        say "==> failed: $what (exit $rc)"
        return "$rc"
    }
    say "    done in $((SECONDS - started)) s"
}

die() {
    say "error: $*"
    exit 1
}
