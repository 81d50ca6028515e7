"""No reader calls anybody: measured by a peer that hears every packet of a network of its own."""

import json
import os
import shutil
import subprocess
import sys

import pytest

INSIDE = (
    ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--user", "--map-root-user", "--net")
)


def a_network_can_be_made() -> bool:
    """Tell whether this machine lets us make a network with a line to nowhere."""
    if not (shutil.which("unshare") and shutil.which("ip")):
        return False
    attempt = [*INSIDE, "ip", "link", "add", "near", "type", "veth", "peer", "name", "far"]
    return subprocess.run(attempt, capture_output=True, check=False).returncode == 0


@pytest.mark.system
@pytest.mark.skipif(not a_network_can_be_made(), reason="no network of its own can be made here")
def test_not_one_packet_leaves_while_files_with_links_are_read():
    ended = subprocess.run(
        [*INSIDE, sys.executable, "-m", "tests.hostile.listening"],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told.pop("nobody")[1] >= 2
    assert {name: packets for name, (_, packets) in told.items() if packets} == {}
    read = {
        name for name, (found, _) in told.items() if found not in ("unsupported_format", "empty")
    }
    assert len(read) > 30
    assert {found for name, (found, _) in told.items() if name.startswith("office/")} <= {
        "bytes", "needs_extra", "broken", "hostile",
    }  # fmt: skip
