"""Every hostile file ends with a named reason, soon, within its memory, and harms no other file."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest

from services.normalize.adapters.workshop import Workshop
from services.normalize.settings import NormalizeSettings
from shared.errors import BadInput
from tests.hostile.files import FILES
from tests.support import hostile

_SECONDS = 120.0
"""By the clock: a long file has the lowest priority, and comes last on a busy machine. Its processor time is held to eight by the limit."""
_RESIDENT = 256 << 20


@pytest.fixture
async def workshop(tmp_path: Path) -> AsyncIterator[Workshop]:
    made = Workshop(NormalizeSettings(archive_path=tmp_path, reader_workers=1, reader_seconds="8s"))
    yield made
    await made.close()


def peak(below: psutil.Process) -> int:
    """Return the most resident memory a process ever had, 0 if it has ended."""
    try:
        status = Path(f"/proc/{below.pid}/status").read_text()
    except OSError:
        return 0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(found[0]) << 10 if found else 0


async def outcome(workshop: Workshop, data: bytes, name: str) -> str:
    """Return what a file came to: a reason, or the type of what was found."""
    try:
        return type(await workshop.read_fully(data, name, ())).__name__
    except BadInput as error:
        refusal = error
    assert name in refusal.detail_zh, refusal
    assert name in refusal.detail_en, refusal
    return refusal.reason


@pytest.mark.parametrize("name", FILES)
async def test_a_hostile_file_ends_with_its_reason_in_time_and_within_memory(workshop, name):
    make, allowed = FILES[name]
    data = make()
    began = time.monotonic()

    found = await outcome(workshop, data, name)

    assert time.monotonic() - began < _SECONDS
    assert found in allowed
    if not name.endswith(".zip"):
        assert max(map(peak, psutil.Process().children(recursive=True)), default=0) < _RESIDENT


async def test_healthy_files_are_read_between_hostile_ones(workshop):
    healthy = hostile.docx(hostile.body("<w:p><w:r><w:t>年度报告</w:t></w:r></w:p>"))
    for name in ("forms.pdf", "laughs.docx", "bomb.pdf", "deep.html"):
        assert await outcome(workshop, FILES[name][0](), name) != "Document"
        assert await outcome(workshop, healthy, "年报.docx") == "Document"


@pytest.fixture
def listener() -> Iterator[tuple[socket.socket, str]]:
    """A server of this machine that should hear nothing, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        yield server, f"http://127.0.0.1:{server.getsockname()[1]}"


def reaching_out(address: str) -> dict[str, bytes]:
    """Return files that would each fetch something from this address."""
    kinds = ("image", "attachedTemplate", "oleObject", "hyperlink")
    relations = "".join(
        f'<Relationship Id="x{n}" Type="{hostile.OFFICE}/{kind}" Target="{address}/{kind}" TargetMode="External"/>'
        for n, kind in enumerate(kinds)
    )
    outside = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>'
    linked = '<w:p><w:r><w:t>x</w:t></w:r></w:p><w:p><w:hyperlink r:id="x3"><w:r><w:t>y</w:t></w:r></w:hyperlink></w:p>'
    page = (
        f'<link rel=stylesheet href="{address}/a.css"><script src="{address}/a.js"></script><p>x</p>'
        f'<img src="{address}/a.png"><iframe src="{address}/a"></iframe><object data="{address}/o"></object>'
        f'<meta http-equiv=refresh content="0;url={address}">'
    )
    return {
        "linked.docx": hostile.docx(
            hostile.body(linked), word___rels__document_dot_xml_dot_rels=outside.encode()
        ),
        "dtd.docx": hostile.docx(hostile.body("<w:p/>", hostile.outside("w:document", address))),
        "page.html": hostile.html(page),
        "strict.html": hostile.outside("html", address).encode() + page.encode(),
        "script.pdf": hostile.pdf_with_script(address),
        "dtd.ofd": hostile.ofd(f"{hostile.outside('a', address)}<a>&x;</a>".encode()),
    }


async def test_no_file_makes_its_reader_call_anybody(workshop, listener):
    server, address = listener

    for name, data in reaching_out(address).items():
        await outcome(workshop, data, name)

    with pytest.raises(TimeoutError):
        server.accept()


async def test_the_office_converter_calls_nobody_either(workshop, listener):
    server, address = listener
    field = rf'{{\field{{\*\fldinst INCLUDEPICTURE "{address}/a.png" \\d}}{{\fldrslt x}}}}'
    rtf = rf"{{\rtf1\ansi {field} \par text}}".encode()

    found = await asyncio.gather(
        workshop.convert(rtf, ".rtf", "linked.rtf"), return_exceptions=True
    )

    assert isinstance(found[0], bytes | BadInput)
    with pytest.raises(TimeoutError):
        server.accept()
