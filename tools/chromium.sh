#!/usr/bin/env bash
# Find Chromium, or install it with apt where root or sudo allow it. Prints nothing when it is there.
# One test clicks through the review page with it; nothing else needs it.
set -euo pipefail
. "${BASH_SOURCE%/*}/packages.sh"

found() {
    [ -n "${GOUJI_CHROMIUM:-}" ] && [ -x "$GOUJI_CHROMIUM" ] && return 0
    command -v chromium >/dev/null 2>&1
}

found && exit 0

packages=(chromium fonts-noto-cjk)
install_packages "Chromium (needed by a test of the review page)" "${packages[@]}" && found && exit 0
ask_for "the test of the review page needs Chromium on this machine" "${packages[@]}"
