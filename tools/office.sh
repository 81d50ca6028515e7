#!/usr/bin/env bash
# Find LibreOffice, Chinese fonts and libarchive, or install them with apt where root or sudo allow it.
# Prints nothing when they are there. They read .doc, .wps, .rtf, .odt and .rar, .7z.
set -euo pipefail

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

if [ "$(id -u)" -eq 0 ]; then
    root=()
elif sudo -n true 2>/dev/null; then
    root=(sudo -n)
else
    root=(none)
fi

if [ "${root[0]:-}" != none ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing LibreOffice, Chinese fonts and libarchive (some 350 MB, half a minute) ..."
    "${root[@]}" apt-get update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        libreoffice-writer-nogui libreoffice-calc-nogui fonts-noto-cjk libarchive13 >/dev/null
    found && exit 0
fi

echo "old Office files need LibreOffice on this machine. Please type:" >&2
echo "    sudo apt-get update && sudo apt-get install -y libreoffice-writer-nogui \\" >&2
echo "        libreoffice-calc-nogui fonts-noto-cjk libarchive13" >&2
exit 1
