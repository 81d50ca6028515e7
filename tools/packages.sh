# Sourced by the scripts that look for a program of the system: installs Debian's packages where that is allowed.

# install_packages WHAT PACKAGE…: install with apt as root or by sudo without a password; fails where neither is there.
install_packages() {
    local what=$1 root=()
    shift
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || return 1
        root=(sudo -n)
    fi
    command -v apt-get >/dev/null 2>&1 || return 1
    echo "installing $what ..."
    "${root[@]}" apt-get update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "$@" >/dev/null
}

# ask_for WHY PACKAGE…: say what to type, and end.
ask_for() {
    local why=$1
    shift
    echo "$why. Please type:" >&2
    echo "    sudo apt-get update && sudo apt-get install -y $*" >&2
    exit 1
}
