"""Made-up filers: who reports, at which level, under which printed name, by which day."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from shared.report.record import AgencyKind, Level, Region, Scope
from tests.support.places import BUREAUS, PLACES


@dataclass(frozen=True, slots=True)
class Agency:
    """A filer with its full name, the name printed in the title, and how it calls itself (我局)."""

    full: str
    printed: str
    region: Region
    level: Level
    kind: AgencyKind
    scope: Scope
    we: str
    makes_rules: bool = False

    @property
    def spread(self) -> str:
        """The word that widens a sentence to what the table covers."""
        return f"全{self.we[1:]}" if self.scope == "roll_up" else self.we


def choose(rng: Random) -> Agency:
    """Return some filer; departments and townships are the most frequent, as in life."""
    province, city, county, town = rng.choice(PLACES)
    makers = (_department, _department, _department, _township, _township, _office, _government)
    return rng.choice(makers)(rng, Region(province, city or province, county, town))


def _above(region: Region) -> str:
    return f"{region.city}{region.county}"


def _short_or_full(rng: Random, full: str, short: str) -> str:
    return short if rng.random() < 0.4 else full


def _department(rng: Random, region: Region) -> Agency:
    bureau = rng.choice(BUREAUS)
    if rng.random() < 0.2 and region.city != region.province:
        full = f"{region.city}{bureau}"
        place = Region(region.province, region.city)
        return Agency(full, full, place, "prefecture", "department", "own", "我局")
    full = f"{_above(region)}{bureau}"
    printed = _short_or_full(rng, full, f"{region.county}{bureau}")
    place = Region(region.province, region.city, region.county)
    return Agency(full, printed, place, "county", "department", "own", "我局")


def _township(rng: Random, region: Region) -> Agency:
    town = str(region.township)
    if town.endswith("街道"):
        full = f"{_above(region)}人民政府{town}办事处"
        short = f"{town}办事处"
        kind: AgencyKind = "subdistrict_office"
        we = "我街道"
    else:
        full = f"{_above(region)}{town}人民政府"
        short = f"{town}人民政府"
        kind, we = "township_government", "我镇"
    return Agency(full, _short_or_full(rng, full, short), region, "township", kind, "own", we)


def _office(rng: Random, region: Region) -> Agency:
    full = f"{_above(region)}人民政府办公室"
    place = Region(region.province, region.city, region.county)
    return Agency(full, full, place, "county", "government_office", "own", "我办")


def _government(rng: Random, region: Region) -> Agency:
    if rng.random() < 0.4 and region.city != region.province:
        place = Region(region.province, region.city)
        full = f"{region.city}人民政府"
        return Agency(
            full, full, place, "prefecture", "government", "roll_up", "我市", makes_rules=True
        )
    full = f"{_above(region)}人民政府"
    place = Region(region.province, region.city, region.county)
    return Agency(full, full, place, "county", "government", "roll_up", f"我{full[-5]}")


def publication_day(rng: Random, agency: Agency, year: int) -> date:
    """Return a day within the agency's deadline."""
    last = 85 if agency.scope == "roll_up" else 28
    return date(year + 1, 1, 3) + timedelta(days=rng.randint(0, last - 3))


def chinese_date(day: date, rng: Random) -> str:
    """Return the date as reports sign it."""
    digits = str.maketrans("0123456789", "〇一二三四五六七八九")
    forms = [f"{day.year}年{day.month}月{day.day}日"] * 6 + [
        f"{day.year} 年 {day.month} 月 {day.day} 日",
        f"{str(day.year).translate(digits)}年{_numeral(day.month)}月{_numeral(day.day)}日",
        day.isoformat(),
    ]
    return rng.choice(forms)


def _numeral(number: int) -> str:
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    head = {0: "", 1: "十"}.get(tens, digits[tens] + "十")
    return head + (digits[ones] if ones or not tens else "")
