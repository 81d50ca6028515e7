#!/usr/bin/env bash
# Find the font that the tests embed into the PDF files they make, or install it with apt where that is allowed.
# Prints nothing when it is there.
set -euo pipefail

font=/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc
[ -e "$font" ] && exit 0

if [ "$(id -u)" -eq 0 ]; then
    root=()
elif sudo -n true 2>/dev/null; then
    root=(sudo -n)
else
    root=(none)
fi

if [ "${root[0]:-}" != none ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing the font fonts-wqy-zenhei ..."
    "${root[@]}" apt-get update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        fonts-wqy-zenhei >/dev/null
    [ -e "$font" ] && exit 0
fi

echo "the tests of PDF files need the font fonts-wqy-zenhei. Please type:" >&2
echo "    sudo apt-get update && sudo apt-get install -y fonts-wqy-zenhei" >&2
exit 1
