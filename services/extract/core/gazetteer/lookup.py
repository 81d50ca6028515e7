"""Find division names in a string, longest name first; what is ambiguous stays ambiguous."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, Literal

from shared.report.record import Region

_PEOPLES = (
    "蒙古族|蒙古|回族|藏族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|哈萨克"
    "|傣族|黎族|傈僳族|佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜|土族|达斡尔族|仫佬族|羌族|布朗族"
    "|撒拉族|毛南族|仡佬族|锡伯|塔吉克|怒族|普米族|鄂温克族|保安族|裕固族|独龙族|鄂伦春|各族"
)
_AUTONOMOUS = re.compile(rf"^(.{{2,6}}?)(?:{_PEOPLES})+自治([州县旗])$")
_SUFFIX = re.compile(
    r"(?:特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区|地区|自治州|省|市|盟|州|县|区|旗)$"
)
_PROVINCE, _PREFECTURE, _COUNTY = 2, 4, 6
_TOWNSHIPS_REMEMBERED: Final = 4096
"""Names come from strangers' files: without a bound a service that runs for months would grow by each."""
PlaceLevel = Literal["province", "prefecture", "county"]
_LEVELS: dict[int, PlaceLevel] = {2: "province", 4: "prefecture", 6: "county"}


@dataclass(frozen=True, slots=True)
class Found:
    """A division name in a string: the name as printed and the codes of all divisions so named."""

    name: str
    codes: tuple[str, ...]
    end: int


def _depth(code: str) -> int:
    if code.endswith("0000"):
        return _PROVINCE
    return _PREFECTURE if code.endswith("00") else _COUNTY


def level_of(code: str) -> PlaceLevel:
    """Return province, prefecture or county; the four municipalities are provinces."""
    return _LEVELS[_depth(code)]


def contains(parent: str, child: str) -> bool:
    """Tell whether the division `parent` is above `child` (a division is not above itself)."""
    depth = _depth(parent)
    return depth < _depth(child) and parent[:depth] == child[:depth]


@cache
def names() -> dict[str, str]:
    """Return full names by code; for a code used twice the division that still exists wins."""
    table: dict[str, str] = {}
    lines = files(__package__).joinpath("divisions.tsv").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line.startswith("#"):
            continue
        code, name, until = line.split("\t")
        if not until or code not in table:
            table[code] = name
    return table


@cache
def _spellings() -> dict[str, tuple[str, ...]]:
    """Codes by full name and by the everyday form of autonomous names (恩施州, 长阳县)."""
    table: dict[str, set[str]] = {}
    lines = files(__package__).joinpath("divisions.tsv").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line.startswith("#"):
            continue
        code, name, _until = line.split("\t")
        table.setdefault(name, set()).add(code)
        if autonomous := _AUTONOMOUS.match(name):
            table.setdefault(autonomous[1] + autonomous[2], set()).add(code)
            table.setdefault(autonomous[1] + "自治" + autonomous[2], set()).add(code)
    return {name: tuple(sorted(codes)) for name, codes in table.items()}


@cache
def short_name(code: str) -> str:
    """Return the name without its rank: 广东 for 广东省, 恩施 for the prefecture, 贵池 for 贵池区."""
    name = names()[code]
    if autonomous := _AUTONOMOUS.match(name):
        return autonomous[1]
    stripped = _SUFFIX.sub("", name)
    return stripped if len(stripped) > 1 else name


@cache
def _by_first_two(short: bool) -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    spelled: dict[str, tuple[str, ...]]
    if short:
        collected: dict[str, list[str]] = {}
        for code in names():
            if _depth(code) < _COUNTY:
                collected.setdefault(short_name(code), []).append(code)
        spelled = {name: tuple(codes) for name, codes in collected.items()}
    else:
        spelled = _spellings()
    index: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for name in sorted(spelled, key=len, reverse=True):
        index.setdefault(name[:2], []).append((name, spelled[name]))
    return {head: tuple(entries) for head, entries in index.items()}


def division_at(text: str, start: int = 0, *, short: bool = False) -> Found | None:
    """Return the longest division name that begins at `start`; `short` reads 广东, 广州 instead."""
    for name, codes in _by_first_two(short).get(text[start : start + 2], ()):
        if text.startswith(name, start):
            return Found(name, codes, start + len(name))
    return None


def codes_of(name: str) -> tuple[str, ...]:
    """Return the codes of every division with this full name."""
    return _spellings().get(name, ())


def parents_of(code: str) -> tuple[str, ...]:
    """Return the codes above, province first, as far as they are divisions of their own."""
    table = names()
    above = (code[:2] + "0000", code[:4] + "00")
    return tuple(p for p in above if p != code and p in table)


def region_of(code: str, printed: str | None = None) -> Region:
    """Return the region of a code; below a municipality the city is the municipality.

    `printed` keeps the name of an abolished division whose code went to its successor.
    """
    found = {level_of(c): names()[c] for c in (*parents_of(code), code)}
    if printed and len(printed) > 1 and printed[-1] in "市县区旗" and code in codes_of(printed):
        found[level_of(code)] = printed if not _is_everyday(printed, code) else names()[code]
    municipality = (
        found["province"] if found["province"].endswith("市") and len(found) > 1 else None
    )
    return Region(
        province=found.get("province"),
        city=found.get("prefecture", municipality),
        county=found.get("county"),
        code=code,
    )


def _is_everyday(printed: str, code: str) -> bool:
    return _AUTONOMOUS.match(names()[code]) is not None and printed != names()[code]


def full_name(code: str) -> str:
    """Return the name with everything above it: 山东省枣庄市市中区."""
    return "".join(names()[c] for c in (*parents_of(code), code))


@cache
def _townships() -> str:
    # one string searched by `find`: two megabytes, and nothing to build
    return files(__package__).joinpath("townships.tsv").read_text(encoding="utf-8")


@lru_cache(maxsize=_TOWNSHIPS_REMEMBERED)
def counties_with_township(name: str) -> tuple[str, ...]:
    """Return the codes of the divisions that hold a township of this name."""
    text = _townships()
    at = text.find(f"\n{name}\t")
    if at < 0:
        return ()
    start = at + len(name) + 2
    return tuple(text[start : text.index("\n", start)].split())


@cache
def counties_under(code: str) -> tuple[str, ...]:
    """Return the codes of the counties below a province or prefecture."""
    return tuple(c for c in names() if _depth(c) == _COUNTY and contains(code, c))
