"""The workshop: where a file is read, which help it gets, and what it is told when help is missing."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.normalize.adapters import workshop as module
from services.normalize.adapters.workshop import Workshop
from services.normalize.core.composing import Text
from services.normalize.core.outcomes import (
    Aids,
    Members,
    NeedsConversion,
    NeedsRecognition,
    Outcome,
    Picture,
    Recognition,
)
from services.normalize.settings import NormalizeSettings
from shared.errors import BadInput
from shared.report.document import Document, Paragraph
from tests.support import hostile
from tests.support.formats import archive

DOCUMENT = Document(blocks=(Paragraph(text="标题"),), reader="toy")
WORD = hostile.docx(hostile.body("<w:p><w:r><w:t>政府信息公开</w:t></w:r></w:p>"))


def settings(folder: Path, **fields: Any) -> NormalizeSettings:
    return NormalizeSettings(archive_path=folder, reader_workers=1, **fields)


@pytest.fixture
async def workshop(tmp_path: Path) -> AsyncIterator[Workshop]:
    made = Workshop(settings(tmp_path))
    yield made
    await made.close()


def recognition(text: str) -> Recognition:
    return Recognition((Text(text),), 0.9, 10, 10)


def picture(key: str, page: int = 1) -> Picture:
    return Picture(key * 64, page, b"png " + key.encode())


class Scripted(Workshop):
    """Reads what the test says, and notes the help that every reading has had."""

    def __init__(self, folder: Path, *outcomes: Outcome, **fields: Any) -> None:
        super().__init__(settings(folder, **fields))
        self.outcomes = list(outcomes)
        self.aids: list[Aids] = []

    async def read(self, _data: bytes, _name: str, aids: Aids | None = None) -> Outcome:
        self.aids.append(aids or Aids())
        return self.outcomes.pop(0)

    async def convert(self, data: bytes, _suffix: str, _name: str) -> bytes:
        return b"converted " + data

    async def recognise(self, picture: Picture, _name: str) -> Recognition:
        return recognition(picture.key)


@pytest.mark.parametrize(
    ("data", "isolated"),
    [
        ("政府信息公开工作年度报告".encode(), False),
        ("年度报告\n".encode() * 40_000, True),
        (WORD, True),
    ],
    ids=["text", "large text", "docx"],
)
async def test_only_small_plain_text_is_read_without_a_worker(
    workshop, monkeypatch, data, isolated
):
    asked: list[str] = []
    run = workshop._reading.run

    async def noted(file: str, call: Any, *args: Any) -> Any:
        asked.append(file)
        return await run(file, call, *args)

    monkeypatch.setattr(workshop._reading, "run", noted)

    assert isinstance(await workshop.read(data, "a"), Document)
    assert asked == ["a"] * isolated


@pytest.mark.parametrize("variant", ["zip", "7z", "rar", "rar5"])
async def test_every_kind_of_archive_is_unpacked_in_a_confined_worker(workshop, variant):
    files = {"年报/第一份.txt": b"one", "年报/第二份.txt": b"two"}

    found = await workshop.read(archive.pack(files, variant), f"a.{variant}")

    assert isinstance(found, Members)
    assert {member.name: member.data for member in found.members} == files


async def test_help_is_fetched_until_the_document_is_there(tmp_path):
    first, more = picture("a"), picture("b", 2)
    made = Scripted(
        tmp_path,
        NeedsConversion(".doc"),
        NeedsRecognition((first,)),
        NeedsRecognition((first, more)),
        DOCUMENT,
    )

    assert await made.read_fully(b"doc", "a.doc", ("office", "ocr")) == DOCUMENT

    assert [a.converted for a in made.aids] == [None, *[b"converted doc"] * 3]
    assert [sorted(a.recognised) for a in made.aids] == [
        [], [], [first.key], [first.key, more.key],
    ]  # fmt: skip
    assert made.aids[-1].recognised[more.key] == recognition(more.key)


@pytest.mark.parametrize("need", [NeedsConversion(".doc"), NeedsRecognition((picture("a"),))])
async def test_a_need_of_another_lane_is_returned(tmp_path, need):
    assert await Scripted(tmp_path, need).read_fully(b"", "a", ()) == need


@pytest.mark.parametrize(
    "outcomes",
    [
        [NeedsConversion(".doc")] * 2,
        [NeedsRecognition((picture("a"),))] * 2,
        [NeedsRecognition(())],
    ],
)
async def test_a_reader_that_asks_for_what_it_has_is_a_defect_of_ours(tmp_path, outcomes):
    with pytest.raises(RuntimeError):
        await Scripted(tmp_path, *outcomes).read_fully(b"", "a", ("office", "ocr"))


async def test_more_scanned_pages_than_allowed_are_refused(tmp_path):
    need = NeedsRecognition((picture("a"), picture("b")))

    with pytest.raises(BadInput) as caught:
        await Scripted(tmp_path, need, ocr_pictures=1).read_fully(b"", "a.pdf", ("ocr",))

    assert caught.value.reason == "too_large"


async def test_an_archive_without_documents_is_refused(tmp_path):
    with pytest.raises(BadInput) as caught:
        await Scripted(tmp_path, Members(())).read_fully(b"", "a.zip", ())

    assert caught.value.reason == "empty"


async def test_a_picture_is_recognised_once(workshop, monkeypatch):
    asked: list[str] = []

    async def run(file: str, call: Any, *args: Any) -> Any:
        asked.append(call.__name__)
        return "nets/1" if call.__name__ == "recognition_version" else recognition("字")

    monkeypatch.setattr(workshop._recognising, "run", run)

    found = [await workshop.recognise(picture("a"), "a.pdf") for _ in range(3)]
    await workshop.recognise(picture("b"), "a.pdf")

    assert found == [recognition("字")] * 3
    assert asked == ["recognition_version", "recognise", "recognise"]


async def test_a_page_that_cannot_be_recognised_is_named(workshop, monkeypatch):
    async def run(_file: str, call: Any, *_: Any) -> Any:
        if call.__name__ == "recognition_version":
            return "nets/1"
        raise BadInput("broken", "图片无法解码。", "The picture cannot be decoded.")

    monkeypatch.setattr(workshop._recognising, "run", run)

    with pytest.raises(BadInput) as caught:
        await workshop.recognise(picture("a", 7), "a.pdf")

    assert caught.value.reason == "broken"
    assert caught.value.detail_zh == "“a.pdf”第 7 页：图片无法解码。"
    assert caught.value.detail_en == "'a.pdf', page 7: The picture cannot be decoded."


async def test_a_scan_without_the_libraries_says_what_to_install(workshop, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda _: None)

    with pytest.raises(BadInput, match=r"pip install 'gouji\[ocr\]'") as caught:
        await workshop.recognise(picture("a"), "a.pdf")

    assert caught.value.reason == "needs_extra"
    assert "gouji[ocr]" in caught.value.detail_zh


async def test_an_old_file_without_libreoffice_says_what_to_install(tmp_path):
    program = tmp_path / "soffice"
    program.touch(0o755)
    made = Workshop(settings(tmp_path, soffice=program))
    # it was there when the service began
    program.unlink()

    with pytest.raises(BadInput, match="LibreOffice") as caught:
        await made.convert(b"{\\rtf1 a}", ".rtf", "a.rtf")

    assert caught.value.reason == "needs_extra"
