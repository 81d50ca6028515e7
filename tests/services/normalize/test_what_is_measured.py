"""What readers, recognition and killed workers add to the metrics."""

import io
import zipfile
from collections import Counter
from types import SimpleNamespace

import pytest

from services.normalize.adapters.workshop import Workshop
from services.normalize.core.outcomes import Recognition
from services.normalize.settings import NormalizeSettings
from shared.errors import BadInput
from shared.monitoring import measuring
from shared.runtime.confined.confinement import Limits
from shared.runtime.confined.isolation import Isolation, _Killed


class Heard:
    """Keeps what is measured."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.observed: list[str] = []
        self.level = self.most = 0.0

    def count(self, name, labels, amount):
        self.counts[name, *labels] += amount

    def observe(self, name, labels, value):
        self.observed.append(name)

    def shift(self, name, labels, by):
        self.level += by
        self.most = max(self.most, self.level)


@pytest.fixture
def heard():
    recorder = Heard()
    measuring.record_with(recorder)
    yield recorder
    measuring.forget(recorder)


def refusing(reason: str):
    async def run(*_):
        raise BadInput(reason, "…", "…")

    return SimpleNamespace(run=run)


@pytest.fixture
def workshop(tmp_path):
    return Workshop(NormalizeSettings(archive_path=tmp_path))


def docx() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
    return packed.getvalue()


@pytest.mark.parametrize("reason", ["timed_out", "out_of_memory", "reader_crashed", "hostile"])
async def test_a_file_that_breaks_its_reader_is_counted_by_format(workshop, heard, reason):
    workshop._reading = refusing(reason)
    with pytest.raises(BadInput):
        await workshop.read(docx(), "a.docx")
    assert heard.counts == {("gouji_reader_failures_total", "docx", reason): 1}


async def test_a_file_that_is_only_refused_breaks_no_reader(workshop, heard):
    workshop._reading = refusing("broken")
    with pytest.raises(BadInput):
        await workshop.read(docx(), "a.docx")
    assert heard.counts == {}


async def test_pages_are_counted_as_they_come_to_their_end_and_wait_no_longer(workshop, heard):
    picture = SimpleNamespace(key="ab" * 32, page=1, data=b"")
    workshop._recognition_version = "1"
    found = Recognition((), confidence=1.0, width=1, height=1)

    async def run(*_):
        return found

    workshop._recognised = SimpleNamespace(get=lambda *_: None, put=lambda *_: None)
    workshop._recognising = SimpleNamespace(run=run)
    await workshop.recognise(picture, "a.pdf")
    workshop._recognised = SimpleNamespace(get=lambda *_: found)
    await workshop.recognise(picture, "a.pdf")
    workshop._recognised = SimpleNamespace(get=lambda *_: None)
    workshop._recognising = refusing("timed_out")
    with pytest.raises(BadInput):
        await workshop.recognise(picture, "a.pdf")

    pages = "gouji_ocr_pages_total"
    assert heard.counts == {(pages, "recognised"): 1, (pages, "cached"): 1, (pages, "failed"): 1}
    assert heard.observed == ["gouji_ocr_page_duration_seconds"]
    assert (heard.level, heard.most) == (0, 1)


async def test_workers_that_somebody_else_ends_are_counted(heard, monkeypatch):
    limits = Limits(seconds=1, cpu_seconds=1, memory_bytes=1 << 28, address_bytes=1 << 30)
    isolation = Isolation("reading", workers=1, limits=limits)
    ends = [_Killed(-9), None]

    async def run(*_):
        end = ends.pop(0)
        if end is not None:
            raise end
        return 7

    monkeypatch.setattr(isolation, "_run_unharmed", run)
    assert await isolation.run("a.pdf", len, b"") == 7
    assert heard.counts == {("gouji_workers_killed_total", "reading"): 1}
