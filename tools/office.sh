#!/usr/bin/env bash
# Find LibreOffice, Chinese fonts and libarchive, or install them with apt where root or sudo allow it.
# Prints nothing when they are there. They read .doc, .wps, .rtf, .odt and .rar, .7z.
set -euo pipefail
. "${BASH_SOURCE%/*}/packages.sh"

found() {
    [ -n "${GOUJI_SOFFICE:-}" ] && [ -x "$GOUJI_SOFFICE" ] && return 0
    local place
    for place in "$(command -v soffice || true)" "$(command -v libreoffice || true)" \
        /usr/lib*/libreoffice/program/soffice /opt/libreoffice*/program/soffice; do
        if [ -n "$place" ] && [ -x "$place" ]; then return 0; fi
    done
    return 1
}

has_archive() { ldconfig -p 2>/dev/null | grep -q 'libarchive\.so\.13'; }

found && has_archive && exit 0

packages=(libreoffice-writer-nogui libreoffice-calc-nogui fonts-noto-cjk libarchive13)
install_packages "LibreOffice, Chinese fonts and libarchive (some 350 MB, half a minute)" "${packages[@]}" && found && exit 0
ask_for "old Office files need LibreOffice on this machine" "${packages[@]}"
