"""A whole country of made-up filers: as many reports as wanted, each of another body or another year.

`tests.support.fill` draws from a few hundred bodies; where there are many reports most of them would be newer
versions of one another.
"""

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

from services.extract.core.gazetteer.lookup import names
from shared.report.record import Edition, Region
from tests.support.agencies import Agency
from tests.support.fill import fill
from tests.support.places import BUREAUS
from tests.support.render import LAYOUTS, Rendered, render

YEARS: Final = (2019, 2020, 2021, 2022, 2023, 2024)
_OLD_FORM_UNTIL: Final = 2020
_NO_PLACE: Final = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")


@dataclass(frozen=True, slots=True)
class Filing:
    """What one body reports in one year."""

    agency: Agency
    year: int

    @property
    def edition(self) -> Edition:
        """The national form of that year."""
        return "2019" if self.year <= _OLD_FORM_UNTIL else "2021"


@cache
def counties() -> tuple[Region, ...]:
    """Return every county-level division that has a name of its own, in an order that mixes provinces."""
    known = names()
    found = []
    for code, county in known.items():
        province, city = known.get(f"{code[:2]}0000"), known.get(f"{code[:4]}00")
        if code.endswith("00") or not province or not city or {city, county} & set(_NO_PLACE):
            continue
        found.append(Region(province, city, county))
    Random(1).shuffle(found)
    return tuple(found)


def filing(number: int) -> Filing:
    """Return the filing of a number: first all years of one body, then those of the next."""
    body, year = divmod(number, len(YEARS))
    bureau, place = divmod(body, len(counties()))
    region = counties()[place]
    full = f"{region.city}{region.county}{BUREAUS[bureau % len(BUREAUS)]}"
    return Filing(Agency(full, full, region, "county", "department", "own", "我局"), YEARS[year])


def report(number: int) -> Rendered:
    """Return the report of a number as a text file: the same number gives the same bytes."""
    filed = filing(number)
    truth = fill(number, filed.edition, agency=filed.agency, year=filed.year)
    return render(truth, LAYOUTS[number % len(LAYOUTS)], Random(number))
