# shellcheck shell=bash
# The Debian packages that our scripts need, by purpose, and how a missing one is seen.

# Prints "package probe" lines. A probe that succeeds means that the thing is there, from whatever
# source; the package name is only what we advise.
_packages_of() {
    case $1 in
        base)
            echo 'python3-venv any_python_with_venv'
            echo 'ca-certificates test -s /etc/ssl/certs/ca-certificates.crt'
            ;;
        # Reads the list of files that belong to the repository.
        test) echo 'git command -v git' ;;
        # Looks at the pages in a real browser; makes networks to break, tunnels and captures in
        # them; SIP servers of others.
        peers)
            echo 'chromium command -v chromium'
            echo 'iproute2 command -v ip'
            echo 'kamailio command -v kamailio'
            echo 'kamailio-tls-modules has_kamailio_module tls.so'
            echo 'mosquitto has_mosquitto'
            echo 'mosquitto-clients command -v mosquitto_pub'
            echo 'sip-tester command -v sipp'
            echo 'baresip-core command -v baresip'
            echo 'wireguard-go command -v wireguard-go'
            echo 'wireguard-tools command -v wg'
            echo 'tcpdump command -v tcpdump'
            echo 'nftables command -v nft'
            ;;
    esac
}

_purposes_in() {
    case $1 in
        base) echo base ;;
        test) echo base test ;;
        peers) echo base test peers ;;
    esac
}

has_kamailio_module() {
    local folder
    for folder in /usr/lib/*/kamailio/modules /usr/lib/kamailio/modules; do
        [[ -e $folder/$1 ]] && return
    done
    return 1
}

has_mosquitto() {
    command -v mosquitto || [[ -x /usr/sbin/mosquitto ]]
} >/dev/null

any_python_with_venv() {
    local candidate
    for candidate in python3.14 python3; do
        "$candidate" -c 'import ensurepip, venv' && return
    done
    return 1
} 2>/dev/null

# Usage: missing_packages PURPOSE [without-base]. Prints names on one line, or nothing.
missing_packages() {
    local purpose package probe
    local -a missing=()
    for purpose in $(_purposes_in "$1"); do
        [[ ${2-} != without-base || $purpose != base ]] || continue
        while read -r package probe; do
            $probe >/dev/null 2>&1 </dev/null || missing+=("$package")
        done < <(_packages_of "$purpose")
    done
    printf '%s' "${missing[*]-}"
}

install_line() {
    local sudo='sudo '
    [[ $EUID != 0 ]] || sudo=''
    echo "${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends $1"
}

_install_packages() {
    local -x DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2 || return
    # shellcheck disable=SC2086 # names, split on purpose
    apt-get install -y -qq --no-install-recommends $1 >/dev/null # dpkg is talkative; errors go to stderr
}

# Usage: require_packages PURPOSE [without-base]. As root installs what is missing; otherwise stops
# with the one line that does.
require_packages() {
    local missing
    missing=$(missing_packages "$@")
    [[ $missing ]] || return 0
    command -v apt-get >/dev/null ||
        die "missing: $missing (Debian's names; this machine has no apt-get to install them with)"
    if [[ $EUID != 0 ]]; then
        say "Some Debian packages are missing. Paste this line, then run again:"
        say ""
        say "    $(install_line "$missing")"
        say ""
        exit 1
    fi
    step "installing Debian packages, as we are root: $missing" _install_packages "$missing" ||
        die "could not install: $missing"
    missing=$(missing_packages "$@")
    [[ -z $missing ]] || die "still missing after installing: $missing"
}
