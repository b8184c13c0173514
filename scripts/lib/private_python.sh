# shellcheck shell=bash
# Python 3.14 from Debian's testing packages, unpacked into a private prefix.
#
# For machines that have no python3.14 and cannot reach the code host that `uv python install`
# downloads from. No root is needed and nothing on the system changes: apt-get runs with all of
# its state inside a private folder and only downloads; apt itself checks the signatures.

readonly debian_testing=forky
readonly debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The first Debian mirror that apt's source files name; the security archive is none.
_mirror_in() {
    local address='[^[:space:]]+\/debian(\/|\.list)?'
    sed -n -E \
        -e "s/^URIs:[[:space:]]*($address)([[:space:]].*)?$/\1/p" \
        -e "s/^deb[[:space:]]+(\[[^]]*\][[:space:]]+)?($address)[[:space:]].*$/\2/p" \
        "$@" 2>/dev/null | head -n 1
}

# The mirror this machine already uses, from its own apt configuration. Prints one address.
debian_mirror() {
    local site
    # Listed by apt once `apt-get update` has been run, ...
    # shellcheck disable=SC2016 # the name is apt's
    site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Label: Debian' \
        2>/dev/null | head -n 1)
    # ... and in its source files always, also in a container that was never updated.
    [[ $site ]] || site=$(_mirror_in /etc/apt/sources.list.d/*.sources /etc/apt/sources.list \
        /etc/apt/sources.list.d/*.list)
    [[ $site ]] && printf '%s\n' "$site"
}

# Download what python3.14 consists of into $1/cache/archives.
_fetch_packages() {
    local work=$1 mirror
    mirror=$(debian_mirror) || die "apt on this machine names no Debian mirror"
    [[ -r $debian_keyring ]] || die "$debian_keyring is missing (package debian-archive-keyring)"
    mkdir -p "$work"/{state,lists/partial,cache/archives/partial,parts} || return
    : >"$work/status" # empty: nothing counts as installed, so every library is fetched
    cat >"$work/parts/testing.sources" <<-SOURCE || return
	Types: deb
	URIs: $mirror
	Suites: $debian_testing
	Components: main
	Signed-By: $debian_keyring
	SOURCE
    local -a apt=(apt-get -qq
        -o "Dir::State=$work/state" -o "Dir::State::Lists=$work/lists"
        -o "Dir::State::status=$work/status" -o "Dir::Cache=$work/cache"
        -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$work/parts"
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
        -o Debug::NoLocking=1 -o "APT::Sandbox::User=$(id -un)"
        -o Acquire::Retries=3 -o Acquire::Languages=none)
    "${apt[@]}" update >&2 &&
        # libstdc++ for wheels that were built for this C library and bring C++.
        "${apt[@]}" -y install --download-only --no-install-recommends \
            python3.14-venv libstdc++6 >&2
}

# Make the Python in $1 use the C library of the prefix it will be moved to ($2).
_bind_to_prefix() {
    local built=$1 prefix=$2 patchelf=$3 architecture triplet loader
    architecture=$(dpkg --print-architecture)
    case $architecture in
        amd64) triplet=x86_64-linux-gnu loader=ld-linux-x86-64.so.2 ;;
        arm64) triplet=aarch64-linux-gnu loader=ld-linux-aarch64.so.1 ;;
        *) die "no private Python for architecture $architecture" ;;
    esac
    "$patchelf" --set-interpreter "$prefix/usr/lib/$triplet/$loader" \
        --force-rpath --set-rpath "$prefix/usr/lib/$triplet" "$built/usr/bin/python3.14"
}

# Usage: install_private_python PREFIX PATCHELF. Leaves a whole prefix or none.
install_private_python() {
    local prefix=$1 patchelf=$2 work="$1.work" deb
    rm -rf "$prefix" "$work"
    mkdir -p "$work/root" || return
    _fetch_packages "$work" || return
    for deb in "$work"/cache/archives/*.deb; do
        dpkg-deb -x "$deb" "$work/root" || return
    done
    _bind_to_prefix "$work/root" "$prefix" "$patchelf" || return
    # The prefix holds its own path in its interpreter: this note tells when it was moved or copied.
    printf '%s\n' "$prefix" >"$work/root/made-at" || return
    mv "$work/root" "$prefix" || return
    rm -rf "$work"
    # Users who may not write here shall not compile the standard library at each start.
    "$prefix/usr/bin/python3.14" -m compileall -qq -j 0 "$prefix/usr/lib/python3.14" >&2 || true
}
