"""Archives: every file inside comes out under its name, and nothing in them can do harm (S1, S4)."""

import io
import pickle
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from random import Random

import pytest

from services.normalize.core.outcomes import Members
from services.normalize.core.readers.archive import reader as archive
from services.normalize.core.readers.archive.reader import shown_name
from services.normalize.core.reading import read
from shared.errors import BadInput
from shared.report.document import Document
from tests.support.fill import fill
from tests.support.formats.archive import VARIANTS, pack, rar4, render, tar, zip_bytes

FILES = {
    "2021年年报/某县教育局年度报告.txt": "某县教育局2021年政府信息公开工作年度报告".encode(),
    "2021年年报/说明.pdf": b"%PDF-1.4 " + bytes(range(256)) * 30,
}


def unpacked(data: bytes, name: str = "年报.zip") -> Members:
    found = read(data, name)
    assert isinstance(found, Members)
    return found


def refused(data: bytes, name: str = "年报.zip") -> BadInput:
    with pytest.raises(BadInput) as error:
        read(data, name)
    assert name in error.value.detail_zh
    assert name in error.value.detail_en
    return error.value


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_kind_of_archive_gives_its_files_under_their_names(variant: str) -> None:
    found = unpacked(pack(FILES, variant), "年报.bin")

    before = {"nested_zip": "内层/附件.zip/", "tar_gz": "年报/"}.get(variant, "")
    assert [(m.name, m.data) for m in found.members] == [(before + n, d) for n, d in FILES.items()]
    assert found.skipped == ()


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_report_in_an_archive_is_read_and_debris_is_named(variant: str) -> None:
    truth = fill(3)

    found = unpacked(render(truth, Random(3), variant))

    assert len(found.members) == 1
    assert isinstance(read(found.members[0].data, found.members[0].name), Document)
    assert {s.rpartition("/")[2] for s in found.skipped} == {"._x", "Thumbs.db"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.txt", "etc/passwd.txt"),
        ("/etc/cron.d/x", "etc/cron.d/x"),
        ("C:\\Windows\\a.doc", "Windows/a.doc"),
        ("..\\..\\a.doc", "a.doc"),
        ("a\nb\r.txt", "a_b_.txt"),
        ("年报\u202etxt.exe", "年报_txt.exe"),
        ("a\x00.docx", "a_.docx"),
        ("\u200b年报\ufeff.pdf", "_年报_.pdf"),
        ("-rf.txt", "-rf.txt"),
        ("CON.txt", "CON.txt"),
        ("年报.pdf.exe", "年报.pdf.exe"),
        ("./a//b/./c.txt", "a/b/c.txt"),
        ("..", "_"),
        ("", "_"),
        ("\ud800.txt", "_.txt"),
        ("长" * 300 + ".docx", "…" + "长" * 194 + ".docx"),
    ],
)
def test_a_name_is_made_fit_to_be_shown(name: str, shown: str) -> None:
    assert shown_name(name) == shown
    assert len(shown_name(name)) <= 200


@pytest.mark.parametrize(
    "name", ["../../a.txt", "/etc/a.txt", "x\ny.txt", "长" * 80 + ".txt", "\u202ea.txt"]
)
@pytest.mark.parametrize("variant", ["zip", "tar"])
def test_hostile_names_come_out_neutral(name: str, variant: str) -> None:
    found = unpacked(pack({name: b"text"}, variant))

    assert [m.name for m in found.members] == [shown_name(name)]


def test_files_of_the_same_name_are_both_kept() -> None:
    found = unpacked(pack({"a.txt": b"1", "./a.txt": b"2", "x/../a.txt": b"3"}, "zip"))

    assert [(m.name, m.data) for m in found.members] == [
        ("a.txt", b"1"), ("a (2).txt", b"2"), ("x/a.txt", b"3"),
    ]  # fmt: skip


def test_links_devices_and_folders_are_named_and_not_followed() -> None:
    import tarfile

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as out:
        for name, kind in (
            ("link", tarfile.SYMTYPE),
            ("pipe", tarfile.FIFOTYPE),
            ("tty", tarfile.CHRTYPE),
            ("d", tarfile.DIRTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            out.addfile(info)
        info = tarfile.TarInfo("a.txt")
        info.size = 1
        out.addfile(info, io.BytesIO(b"1"))
    zipped = zipfile.ZipInfo("link")
    zipped.external_attr = 0o120777 << 16
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as out_zip:
        out_zip.writestr(zipped, "/etc/passwd")
        out_zip.writestr(zipfile.ZipInfo("a.txt"), b"1")

    from_tar, from_zip = unpacked(buffer.getvalue()), unpacked(other.getvalue())

    assert [m.name for m in from_tar.members] == [m.name for m in from_zip.members] == ["a.txt"]
    assert from_tar.skipped == ("link: 链接 link", "pipe: 链接 link", "tty: 链接 link", "d")
    assert from_zip.skipped == ("link: 链接 link",)


def bomb(size: int) -> bytes:
    """Return a zip of one entry of zeros that claims and holds `size` bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    crc, chunk, parts = 0, bytes(1 << 20), []
    for _ in range(size >> 20):
        crc = zlib.crc32(chunk, crc)
        parts.append(packer.compress(chunk))
    packed = b"".join([*parts, packer.flush()])
    fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, crc, len(packed), size, 1, 0)
    local = b"PK\x03\x04" + fields + b"a" + packed
    central = (
        b"PK\x01\x02" + struct.pack("<H", 20) + fields + bytes(10) + struct.pack("<I", 0) + b"a"
    )
    return (
        local
        + central
        + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local), 0)
    )


def overlapping() -> bytes:
    """Return a zip whose thousand entries all unpack the same bytes."""
    data = bytearray(zip_bytes({"a": bytes(1 << 20)}))
    at = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    central = bytes(data[at:end])
    many = central * 1000
    return (
        bytes(data[:at])
        + many
        + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1000, 1000, len(many), at, 0)
    )


def deep(levels: int) -> bytes:
    data = b"text"
    for i in range(levels):
        data = zip_bytes({f"{i}.zip" if i else "a.txt": data})
    return data


def wide(levels: int, width: int) -> bytes:
    """Return archives in archives, every one holding `width` copies of the next."""
    data = zip_bytes({f"{i}.txt": bytes(1 << 20) for i in range(width)})
    for _ in range(levels - 1):
        data = zip_bytes({f"{i}.zip": data for i in range(width)})
    return data


def many(count: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for i in range(count):
            out.writestr(zipfile.ZipInfo(f"{i}.txt"), b"")
    return buffer.getvalue()


BOMBS = {
    "zeros": (lambda: bomb(1 << 27), "too_large"),
    "overlapping_entries": (overlapping, "hostile"),
    "archives_in_archives": (lambda: wide(3, 12), "too_large"),
    "nine_levels": (lambda: deep(9), "hostile"),
    "65535_entries": (lambda: many(65_535), "too_large"),
    "2500_entries": (lambda: many(2_500), "too_large"),
    "gzip": (lambda: zlib.compressobj(9, 8, 31).compress(bytes(1 << 27)) + b"", "hostile"),
    "seven_zip": (lambda: pack({"a.txt": bytes(70 << 20)}, "7z"), "too_large"),
    "tar": (lambda: tar({f"{i}": bytes(1 << 20) for i in range(63)}), None),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_quickly(kind: str) -> None:
    make, reason = BOMBS[kind]
    data = make()
    began = time.process_time()

    if reason is None:
        assert len(unpacked(data).members) == 63
    else:
        assert refused(data).reason == reason

    assert time.process_time() - began < 2


def test_bombs_take_little_memory() -> None:
    """In a process of its own: what it held at most is the peak over all of them."""
    made = [make() for make, reason in BOMBS.values() if reason]
    script = """
import pickle, sys
from services.normalize.core.reading import read
from shared.errors import BadInput
for data in pickle.load(sys.stdin.buffer):
    try:
        read(data, "a.zip")
    except BadInput:
        pass
# the peak of this program alone: rusage would count what the parent held before
print(next(x.split()[1] for x in open("/proc/self/status") if x.startswith("VmHWM")))
"""
    input_bytes = pickle.dumps(made)

    done = subprocess.run(
        [sys.executable, "-c", script],
        input=input_bytes,
        capture_output=True,
        check=True,
        timeout=60,
    )

    peak = int(done.stdout) * 1024
    # the bombs themselves are held too: they come in one list
    assert peak - 2 * len(input_bytes) < 200 << 20


def test_bounds_count_over_all_archives_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 10)
    inner = zip_bytes({f"{i}.txt": b"1" for i in range(4)})

    assert len(unpacked(zip_bytes({"a.zip": inner, "b.zip": inner})).members) == 8
    assert refused(zip_bytes({"a.zip": inner, "b.zip": inner, "c.txt": b"1"})).reason == "too_large"


def locked(data: bytes) -> bytes:
    """Return a zip with the password bit of its first entry set in both places."""
    made = bytearray(data)
    made[6] |= 1
    made[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


def test_a_locked_archive_is_refused_as_encrypted() -> None:
    assert refused(locked(zip_bytes({"a.txt": b"1"}))).reason == "encrypted"
    assert refused(rar4({"a.txt": b"1"}, locked=True), "年报.rar").reason == "encrypted"


def test_a_locked_or_damaged_entry_is_named_beside_the_good_ones() -> None:
    data = bytearray(zip_bytes({"坏.txt": b"x" * 500, "好.txt": b"y"}))
    data[40] ^= 0xFF

    spoilt = unpacked(bytes(data))
    one_locked = unpacked(locked(zip_bytes({"a.txt": b"1", "b.txt": b"2"})))

    assert [m.name for m in spoilt.members] == ["好.txt"]
    assert spoilt.skipped[0].startswith("坏.txt: 已损坏 damaged")
    assert [m.name for m in one_locked.members] == ["b.txt"]
    assert one_locked.skipped == ("a.txt: 有密码 password",)


def test_a_damaged_archive_inside_comes_to_its_own_end() -> None:
    inner = zip_bytes({"a.txt": b"1", "b.txt": b"2"})[:-30]

    found = unpacked(zip_bytes({"内.zip": inner, "c.txt": b"3"}))

    assert [m.name for m in found.members] == ["内.zip", "c.txt"]
    assert refused(found.members[0].data, "内.zip").reason == "broken"


REASONS = {
    "broken", "encrypted", "unsupported_format", "hostile", "empty", "binary", "too_large", "undecodable",
}  # fmt: skip


def reason_of(data: bytes, variant: str) -> str | None:
    """Return why an archive is refused, None when all that came out is whole."""
    try:
        found = read(data, "年报")
    except BadInput as error:
        return error.reason
    # a tar has no checksums of what it holds
    whole = variant == "tar" or not isinstance(found, Members)
    assert whole or all(m.data in FILES.values() for m in found.members)
    return None


@pytest.mark.parametrize("variant", [v for v in VARIANTS if v != "nested_zip"])
def test_damage_is_refused_and_never_handed_on(variant: str) -> None:
    whole = pack(FILES, variant)
    rng = Random(5)
    for _ in range(40):
        at = rng.randrange(16, len(whole))
        flipped = bytearray(whole)
        flipped[at] ^= 1 << rng.randrange(8)

        assert {reason_of(whole[:at], variant), reason_of(bytes(flipped), variant)} <= {
            None,
            *REASONS,
        }


@pytest.mark.parametrize("data", [zip_bytes({}), zip_bytes({"__MACOSX/._a": b"1", "d/": b""})])
def test_an_archive_without_files_is_empty(data: bytes) -> None:
    assert refused(data).reason == "empty"


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pack(FILES, "7z")
    monkeypatch.setitem(sys.modules, "libarchive", None)

    refusal = refused(data, "年报.7z")

    assert refusal.reason == "needs_extra"
    assert "gouji[archives]" in refusal.detail_en
