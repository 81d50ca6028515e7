#!/usr/bin/env bash
# Find the font that the tests embed into the PDF files they make, or install it with apt where that is allowed.
# Prints nothing when it is there.
set -euo pipefail
. "${BASH_SOURCE%/*}/packages.sh"

font=/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc
[ -e "$font" ] && exit 0

packages=(fonts-wqy-zenhei)
install_packages "the font fonts-wqy-zenhei" "${packages[@]}" && [ -e "$font" ] && exit 0
ask_for "the tests of PDF files need the font fonts-wqy-zenhei" "${packages[@]}"
