"""Old Office formats: converted exactly, in a process that can reach nothing and ends in time."""

import http.server
import io
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from services.normalize.adapters import office
from services.normalize.core.outcomes import Aids, NeedsConversion
from services.normalize.core.readers import office_dates
from services.normalize.core.reading import read
from shared.errors import BadInput
from shared.report.document import Document
from tests.services.normalize.exact import differences
from tests.services.normalize.reading import paragraphs
from tests.services.normalize.test_sniffing import SAMPLES
from tests.support.fill import fill
from tests.support.formats import docx
from tests.support.formats.office import VARIANTS, render

MEMORY = 512 << 20
RTF = b"{\\rtf1\\ansi hello {\\b world}\\par}"
needs_office = pytest.mark.usefixtures("installed")


@pytest.fixture(scope="session")
def installed() -> Path:
    """LibreOffice; `make setup` installs it, so its absence is a failure and no excuse."""
    found = office.find_office()
    assert found is not None, "run tools/office.sh"
    return found


def convert(
    data: bytes,
    suffix: str,
    seconds: float = 60.0,
    memory: int = MEMORY,
    program: Path | None = None,
) -> bytes:
    return office.convert(
        data, suffix, name="年报", seconds=seconds, memory_bytes=memory, program=program
    )


def helped(data: bytes) -> tuple[Aids, NeedsConversion]:
    need = read(data, "年报")
    assert isinstance(need, NeedsConversion)
    return Aids(converted=convert(data, need.suffix)), need


@needs_office
@pytest.mark.parametrize("variant", ["doc", "excelxml"])
def test_an_old_format_gives_the_exact_report(variant: str) -> None:
    truth = fill(VARIANTS.index(variant) + 20)
    data = render(truth, Random(3), variant)
    aids, need = helped(data)

    assert need.suffix == {"doc": ".doc", "excelxml": ".xml"}[variant]
    assert differences(data, f"年报.{variant}", truth, aids) == []


@pytest.mark.parametrize(
    ("kind", "index", "suffix"),
    [
        ("doc", 0, ".doc"), ("rtf", 0, ".rtf"), ("odt", 0, ".odt"), ("odt", 3, ".fodt"), ("ods", 0, ".ods"),
        ("uof", 0, ".uof"), ("wordxml", 0, ".xml"), ("excelxml", 0, ".xml"),
    ],
)  # fmt: skip
def test_the_true_format_is_asked_for_whatever_the_name(kind: str, index: int, suffix: str) -> None:
    assert read(SAMPLES[kind][index], "年报.wps") == NeedsConversion(suffix)


@pytest.mark.parametrize("data", SAMPLES["encrypted"], ids=range(len(SAMPLES["encrypted"])))
def test_a_locked_document_is_refused_as_encrypted(data: bytes) -> None:
    assert refusal(lambda: read(data, "年报.doc")).reason == "encrypted"


def test_a_document_type_never_reaches_the_converter() -> None:
    data = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        + SAMPLES["wordxml"][1]
    )

    assert refusal(lambda: read(data, "年报.doc")).reason == "hostile"


def test_a_conversion_to_something_else_is_refused() -> None:
    assert refusal(lambda: read(RTF, "年报", Aids(converted=b"hello"))).reason == "broken"


def refusal(call) -> BadInput:
    with pytest.raises(BadInput) as error:
        call()
    assert "年报" in error.value.detail_zh
    assert "年报" in error.value.detail_en
    return error.value


def test_a_missing_converter_is_named_with_the_way_to_install_it() -> None:
    found = refusal(lambda: convert(RTF, ".rtf", program=Path("/nowhere/soffice")))

    assert found.reason == "needs_extra"
    assert "tools/office.sh" in found.detail_en
    assert "GOUJI_SOFFICE" in found.detail_zh


@needs_office
def test_too_little_memory_is_refused_with_the_limit() -> None:
    found = refusal(lambda: convert(RTF, ".rtf", memory=12 << 20))

    assert found.reason == "out_of_memory"
    assert "12 MB" in found.detail_en


def script(folder: Path, text: str) -> Path:
    """Return a stand-in for LibreOffice."""
    path = folder / "soffice"
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o755)
    return path


def test_a_converter_that_ends_well_without_a_result_has_not_read_the_file(tmp_path: Path) -> None:
    program = script(tmp_path, "print('source file could not be loaded')")

    found = refusal(lambda: convert(RTF, ".rtf", program=program))

    assert found.reason == "broken"
    assert "source file could not be loaded" in found.detail_en


def test_a_converter_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    program = script(
        tmp_path,
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))\n"
        "time.sleep(600)\n",
    )
    began = time.monotonic()

    assert refusal(lambda: convert(RTF, ".rtf", seconds=1.5, program=program)).reason == "timed_out"

    assert time.monotonic() - began < 5
    assert gone(int((tmp_path / "pid").read_text()))


def gone(pid: int) -> bool:
    """Tell whether a process has ended, waiting a little for the kernel."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_the_converter_dies_with_the_service(tmp_path: Path) -> None:
    program = script(
        tmp_path,
        f"import os, time\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)\n",
    )
    code = (
        "from pathlib import Path; from services.normalize.adapters import office\n"
        "office.convert(b'x', '.rtf', name='a', seconds=60, memory_bytes=1 << 29,"
        f" program=Path({str(program)!r}))"
    )
    service = subprocess.Popen([sys.executable, "-c", code])
    try:
        pid_file = tmp_path / "pid"
        for _ in range(200):
            if pid_file.exists() and pid_file.read_text():
                break
            time.sleep(0.05)
        pid = int(pid_file.read_text())
    finally:
        service.send_signal(signal.SIGKILL)
        service.wait()

    assert gone(pid)


LOOK = """
import os, resource, socket
out = open({out!r}, "w")
try:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).connect(("127.0.0.1", {port}))
    print("reached", file=out)
except OSError as error:
    print(type(error).__name__, file=out)
print(resource.getrlimit(resource.RLIMIT_DATA)[0], resource.getrlimit(resource.RLIMIT_CORE)[0], file=out)
print(sorted(k for k in os.environ if "GOUJI" in k or "PROXY" in k.upper()), file=out)
"""


def test_the_converter_is_confined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOUJI_DATABASE_URL", "secret")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with probe() as (port, _):
        program = script(tmp_path, LOOK.format(out=str(tmp_path / "seen"), port=port))
        refusal(lambda: convert(RTF, ".rtf", program=program))

    reached, limits, environment = (tmp_path / "seen").read_text().splitlines()
    assert reached == "PermissionError"
    assert limits == f"{MEMORY} 0"
    assert environment == "[]"


@contextmanager
def probe() -> Iterator[tuple[int, list[str]]]:
    """A web server on this machine that counts who asks."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port, asked
        finally:
            server.shutdown()


def linking(port: int) -> bytes:
    """Return a text that shows a picture and a section from elsewhere."""
    names = ["office", "text", "draw", "xlink", "svg"]
    spaces = {
        "office": "office:1.0", "text": "text:1.0", "draw": "drawing:1.0", "svg": "svg-compatible:1.0",
    }  # fmt: skip
    declared = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{spaces[n]}"'
        if n in spaces
        else f'xmlns:{n}="http://www.w3.org/1999/xlink"'
        for n in names
    )
    where = f"http://127.0.0.1:{port}"
    return (
        f'<?xml version="1.0"?><office:document {declared} office:version="1.2" '
        'office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text><text:p>正文'
        f'<draw:frame svg:width="2cm" svg:height="2cm"><draw:image xlink:href="{where}/a.png" xlink:type="simple"/></draw:frame></text:p>'
        f'<text:section text:name="S"><text:section-source xlink:href="{where}/b.odt"/><text:p>x</text:p></text:section>'
        "</office:text></office:body></office:document>"
    ).encode()


@needs_office
def test_nothing_outside_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    # with the profile's own settings LibreOffice would not even try: the confinement must hold alone
    monkeypatch.setattr(office, "_SETTINGS", ())
    with probe() as (port, asked):
        made = convert(linking(port), ".fodt")

    assert asked == []
    assert zipfile.ZipFile(io.BytesIO(made)).testzip() is None


def test_links_and_macros_are_turned_off_in_the_profile() -> None:
    profile = office._registry()

    for name, value in (("BlockUntrustedRefererLinks", "true"), ("DisableMacrosExecution", "true")):
        assert f'oor:name="{name}" oor:op="fuse"><value>{value}</value>' in profile


def test_the_folder_of_a_run_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office.tempfile, "tempdir", str(tmp_path / "rooms"))
    (tmp_path / "rooms").mkdir()
    program = script(tmp_path, "import os; os.abort()")

    assert refusal(lambda: convert(RTF, ".rtf", program=program)).reason == "reader_crashed"

    assert list((tmp_path / "rooms").iterdir()) == []


FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> {0} \\@ "yyyy" </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>2026年</w:t></w:r><w:r><w:t>11月20日</w:t></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)


def dated(*kinds: str) -> bytes:
    """Return a .docx with a field of each kind after its first paragraph."""
    whole = docx.render(fill(1), Random(1), "plain")
    fields = "".join(f"<w:p>{FIELD.format(k)}</w:p>" for k in kinds)
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(buffer, "w") as out:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/document.xml":
                data = data.replace(b"</w:p>", b"</w:p>" + fields.encode(), 1)
            out.writestr(name, data)
    return buffer.getvalue()


def word_text(*fields: tuple[str, str]) -> bytes:
    return b"".join(
        f"正文\x13 {kind} \\@ \x14{shown}\x15".encode("utf-16-le") for kind, shown in fields
    )


@pytest.mark.parametrize(
    ("original", "shown"),
    [
        (word_text(("DATE", "2022年1月20日")), "2022年1月20日"),
        (b"text\x13 DATE \\@ \x142022-1-20\x15", "2022-1-20"),
        (b'{\\rtf1{\\field{\\*\\fldinst { DATE \\\\@ "yyyy"}}{\\fldrslt {2022\\u24180\\\'3f1\\\'d4\\\'c220\\u26085 ?}}}}', "2022年1月20日"),
        ('<text:p><text:date text:date-value="x">2022年1月20日</text:date></text:p>'.encode(), "2022年1月20日"),
        (b"nothing is known", ""),
        (word_text(("DATE", "2022-1-20"), ("DATE", "2022-1-21")), ""),
    ],
    ids=["word", "word_8_bit", "rtf", "open_document", "unknown", "ambiguous"],
)  # fmt: skip
def test_a_date_that_renews_itself_is_the_one_last_shown_or_none(
    original: bytes, shown: str
) -> None:
    settled, notes = office_dates.settle(dated("DATE"), original, "年报")

    found = read(settled, "年报.docx")
    assert isinstance(found, Document)
    whole = "".join(paragraphs(found))
    assert "11月20日" not in whole
    assert shown in whole
    assert [n.rule for n in notes] == ([] if shown else ["e_date_chars_lost"])


def test_other_fields_are_left_alone() -> None:
    whole = dated("REF", "CREATEDATE")

    assert office_dates.settle(whole, b"", "年报") == (whole, [])


@needs_office
def test_a_renewed_date_does_not_come_through_the_converter() -> None:
    field = b'{\\field{\\*\\fldinst { DATE \\\\@ "yyyy-M-d" }}{\\fldrslt {2021-1-5}}}'
    original = b"{\\rtf1\\ansi signed on " + field + b"\\par}"
    aids, _ = helped(original)

    found = read(original, "年报.rtf", aids)

    assert isinstance(found, Document)
    assert found.reader == "office"
    assert paragraphs(found) == ["signed on 2021-1-5"]
