# Python 3.14 from Debian's testing packages, unpacked into a private prefix.
#
# For machines that have no python3.14 and cannot reach the code host that `uv python install`
# downloads from. No root is needed and nothing on the system changes: apt-get runs with all of
# its state inside a private folder and only downloads; apt itself checks the signatures.

readonly debian_testing=forky
readonly debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The mirror this machine already uses, from its own apt configuration. Prints one address.
debian_mirror() {
    local site
    # Listed by apt once `apt-get update` has been run, ...
    site=$(apt-get indextargets --format '$(SITE) $(CODENAME)' 'Created-By: Packages' 2>/dev/null |
        awk '$2 !~ /security/ && $1 ~ /\/debian\/?$/ { print $1; exit }')
    # ... and in its source files always, also in a container that was never updated.
    if [[ -z $site ]]; then
        site=$(sed -n -E \
            -e 's/^URIs:[[:space:]]*([^[:space:]]+\/debian\/?)([[:space:]].*)?$/\1/p' \
            -e 's/^deb[[:space:]]+(\[[^]]*\][[:space:]]+)?([^[:space:]]+\/debian\/?)[[:space:]].*$/\2/p' \
            /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list \
            2>/dev/null | head -n 1)
    fi
    [[ -n $site ]] || return 1
    printf '%s\n' "$site"
}

# Download what python3.14 consists of into $1/cache/archives.
_fetch_packages() {
    local work=$1 mirror
    mirror=$(debian_mirror) || die "apt on this machine names no Debian mirror"
    mkdir -p "$work"/{state,lists/partial,cache/archives/partial,parts,headers}
    : >"$work/status" # empty: nothing counts as installed, so every library is fetched
    cat >"$work/parts/testing.sources" <<-SOURCE
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
    "${apt[@]}" update >&2
    "${apt[@]}" -y install --download-only --no-install-recommends python3.14-venv >&2
    # The headers alone: their dependencies are a compiler's, which the system provides.
    (cd "$work/cache/archives" && "${apt[@]}" download libpython3.14-dev >&2)
}

# Make the Python in $1 use the C library of the prefix it will be moved to ($2).
_bind_to_prefix() {
    local built=$1 prefix=$2 patchelf=$3 triplet loader
    case $(dpkg --print-architecture) in
        amd64) triplet=x86_64-linux-gnu loader=ld-linux-x86-64.so.2 ;;
        arm64) triplet=aarch64-linux-gnu loader=ld-linux-aarch64.so.1 ;;
        *) die "no private Python for architecture $(dpkg --print-architecture)" ;;
    esac
    "$patchelf" --set-interpreter "$prefix/usr/lib/$triplet/$loader" \
        --force-rpath --set-rpath "$prefix/usr/lib/$triplet" "$built/usr/bin/python3.14"
    # Only Python's headers, none of the newer C library's beside them.
    mkdir -p "$built/headers/$triplet"
    ln -sfn "../../usr/include/$triplet/python3.14" "$built/headers/$triplet/python3.14"
}

# Usage: install_private_python PREFIX PATCHELF. Leaves a whole prefix or none.
install_private_python() {
    local prefix=$1 patchelf=$2 work="$1.work" deb
    rm -rf "$prefix" "$work"
    mkdir -p "$work/root"
    _fetch_packages "$work"
    for deb in "$work"/cache/archives/*.deb; do
        dpkg-deb -x "$deb" "$work/root"
    done
    _bind_to_prefix "$work/root" "$prefix" "$patchelf"
    mv "$work/root" "$prefix"
    rm -rf "$work"
}
