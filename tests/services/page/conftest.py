from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from services.page.adapters import files, reports
from tests.support.corpus import report as made_report
from tests.support.formats import pdf
from tests.support.house import Filled, HeardDoors, client_of, log_in, page_of

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
ALL = sorted(p for p in EXAMPLES.iterdir() if p.name[:2].isdigit())


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The example reports and a PDF, read and judged by the real stages."""
    made = Filled(tmp_path_factory.mktemp("page"))
    for path in ALL:
        made.add(path.read_bytes(), path.name)
    made.pdf = made.add(pdf.render(made_report(1), Random(1), "ruled"), "年报.pdf")
    yield made
    made.close()


@pytest.fixture
def house(filled: Filled, tmp_path: Path):
    """The application over the filled database, and its doors."""
    return page_of(filled, tmp_path)


@pytest.fixture
def reader(house) -> Iterator:
    """Somebody who is not logged in."""
    with client_of(house[0]) as client:
        yield client


@pytest.fixture
def reviewer(house) -> Iterator:
    """Somebody who is."""
    with client_of(house[0]) as client:
        assert log_in(client).status_code == 303
        yield client


@pytest.fixture
def doors(house) -> HeardDoors:
    return house[1]


@pytest.fixture
def short_pages(monkeypatch):
    """Lists of three lines a page."""
    monkeypatch.setattr(reports, "PAGE", 3)
    monkeypatch.setattr(files, "PAGE", 3)
