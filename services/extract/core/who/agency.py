"""Take the name of an authority apart: place, zone, township, the body itself, its kind and level."""

import re
from dataclasses import dataclass

from services.extract.core.gazetteer import lookup
from services.extract.core.gazetteer.lookup import PlaceLevel
from services.extract.core.who.wording import HAN, TOWNSHIP, ZONE, bare, is_outsider
from shared.report.record import AgencyKind, Level

_SYSTEM = re.compile(
    r"^(?:中国共产党|中共|中华人民共和国|国家税务总局|国家统计局|国家金融监督管理总局|国家外汇管理局|国家能源局"
    r"|国家矿山安全监察局|国家粮食和物资储备局|国家移民管理局|中国证券监督管理委员会|中国证监会"
    r"|中国银行保险监督管理委员会|中国银保监会|中国人民银行|中国民用航空|中国海警局|财政部|水利部|交通运输部|自然资源部"
    r"|生态环境部|审计署|农业农村部|公安部)(?:驻)?(?=.)"
)
_CENTRAL = re.compile(
    r"^(?:国务院|中共中央|中央|国家|全国|中华人民共和国|中国|海关总署|审计署|最高人民)"
    rf"|^(?!.*(?:宣传|统战|组织|武装|事业|项目|指挥)部$)[{HAN}]{{2,8}}部$|^(?:应急管理|商务|财政|公安)部"
)
_UNITS = {
    "province": re.compile(rf"[{HAN}]{{2,4}}?(?:省|自治区)"),
    "prefecture": re.compile(rf"[{HAN}]{{2,6}}?(?:市|自治州|盟|地区)(?!场|政|容|民|直)"),
    "county": re.compile(rf"[{HAN}]{{1,8}}?(?:区|县|旗|市)(?!场|政|容|民|直|域|块|级|内)"),
}
_NO_UNIT = re.compile(
    r"(?:城|超|门|股|全|本|我|上|都)市$|(?:社|园|景|林|辖|矿山|库|灾|自贸|校|小|片|全|本|我)区$"
    r"|局|委|厅|办|政府|管理|住房|城乡|乡村|公安|教育|民政|财政|自然资源|生态环境|交通|卫生|文化|水利|应急|审计|统计|税务|信访"
)
_RANK = {"province": 1, "prefecture": 2, "county": 3}
_CORPS = "新疆生产建设兵团"


@dataclass(frozen=True, slots=True)
class Step:
    """One place in a name. `codes` is empty for a place that the gazetteer does not know."""

    name: str
    level: PlaceLevel
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parsed:
    """The parts of an authority's name.

    `generic` is the rank word of a name without its place (市 in 市财政局). `core` is the body
    itself without any place (信访局, 人民政府办公室).
    """

    name: str
    system: str
    steps: tuple[Step, ...]
    zone: str | None
    township: str | None
    generic: str
    core: str
    kind: AgencyKind
    level: Level | None
    central: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes the deepest place may stand for."""
        return self.steps[-1].codes if self.steps else ()


def _known(text: str, at: int, steps: list[Step]) -> tuple[Step, int] | None:
    found = lookup.division_at(text, at)
    if found is None:
        return None
    if steps and not steps[-1].codes:
        return None  # below an unknown place the same name is another place
    codes = found.codes
    if steps:
        codes = tuple(c for c in codes if any(lookup.contains(p, c) for p in steps[-1].codes))
    if not codes:
        return None
    return Step(found.name, lookup.level_of(codes[0]), codes), found.end


def _unknown(text: str, at: int, steps: list[Step]) -> tuple[Step, int] | None:
    """Read a place the gazetteer does not know by its rank word."""
    floor = _RANK[steps[-1].level] if steps else 0
    levels: tuple[PlaceLevel, ...] = ("province", "prefecture", "county")
    for level in levels:
        if _RANK[level] <= floor:
            continue
        found = _UNITS[level].match(text, at)
        if found and not _NO_UNIT.search(found[0]) and not _is_zone_name(text, at, found.end()):
            return Step(found[0], level, ()), found.end()
    return None


def _is_zone_name(text: str, at: int, end: int) -> bool:
    zone = ZONE.match(text, at)
    return bool(zone and zone.end() >= end)


def _narrowed(steps: list[Step]) -> tuple[Step, ...]:
    """Keep for every place only the codes that lie above the next one."""
    for i in range(len(steps) - 2, -1, -1):
        below = steps[i + 1].codes
        kept = tuple(c for c in steps[i].codes if any(lookup.contains(c, b) for b in below))
        if kept:
            steps[i] = Step(steps[i].name, steps[i].level, kept)
    return tuple(steps)


def places_at(text: str, at: int = 0, *, unknown: bool = True) -> tuple[tuple[Step, ...], int]:
    """Read the places at `at`, from the largest down; return them and where they end."""
    steps: list[Step] = []
    while len(steps) < 3:
        step = _known(text, at, steps) or (_unknown(text, at, steps) if unknown else None)
        if step is None:
            break
        steps.append(step[0])
        at = step[1]
    return _narrowed(steps), at


def _short_place(text: str, at: int) -> tuple[tuple[Step, ...], int]:
    """Read 广州, 广东 where a zone, a branch or a district follows without a rank word."""
    found = lookup.division_at(text, at, short=True)
    if found is None:
        return (), at
    cities = tuple(c for c in found.codes if lookup.level_of(c) == "prefecture")
    codes = cities or found.codes
    level: PlaceLevel = "prefecture" if cities else "province"
    return (Step(found.name, level, codes),), found.end


_GENERIC = re.compile(r"^(?:全|本|我)?(省|自治区|市|州|盟|区|县|旗)(?=[^场容域区县])")


def parse_agency(name: str) -> Parsed:
    """Take a name apart; what cannot be told stays empty."""
    plain = bare(name)
    system = _SYSTEM.match(plain)
    at = system.end() if system else 0
    central_word = bool(_CENTRAL.match(plain))
    steps, end = places_at(plain, at, unknown=not (central_word and not system))
    is_short = False
    if not steps:
        short, after = _short_place(plain, at)
        is_short = bool(short) and _short_allowed(plain, after, system is not None)
        steps, end = (short, after) if is_short else (steps, end)
    begin = at if is_short else end
    steps, end = _city_of_zone(plain, steps, end)
    zone, end = _read_zone(plain, begin, end)
    generic = ""
    if not steps and not zone and (word := _GENERIC.match(plain[end:])):
        generic, end = word[1], end + word.end()
    township, core = _read_township(plain, end)
    central = not steps and not zone and not generic and not township and central_word
    kind = _kind(core, zone, township, plain)
    level = _level(steps, zone, township, generic, core, system[0] if system else "")
    return Parsed(
        name, system[0] if system else "", steps, zone, township, generic, core, kind,
        "central" if central else level, central,
    )  # fmt: skip


def _short_allowed(plain: str, after: int, system: bool) -> bool:
    if system or plain.startswith(_CORPS):
        return True
    return bool(ZONE.match(plain, after)) or plain.endswith(("海关", "调查队", "监管局"))


def _city_of_zone(plain: str, steps: tuple[Step, ...], end: int) -> tuple[tuple[Step, ...], int]:
    """Read the city that a zone below a province is named after: 江苏省宿迁高新技术产业开发区."""
    if not steps or steps[-1].level != "province":
        return steps, end
    found, after = _short_place(plain, end)
    if not found or not ZONE.match(plain, after):
        return steps, end
    codes = tuple(
        c for c in found[0].codes if any(lookup.contains(p, c) for p in steps[-1].codes)
    )  # fmt: skip
    if not codes or found[0].level != "prefecture":
        return steps, end
    return (*steps, Step(found[0].name, "prefecture", codes)), after


def _read_zone(plain: str, start: int, end: int) -> tuple[str | None, int]:
    """Read a zone after the places; a short city name (`start`) belongs to the zone's own name."""
    follows = ZONE.match(plain, end)
    if not follows or re.search("[局委厅办]", follows[0]):
        return None, end
    return plain[start : follows.end()], follows.end()


def _read_township(plain: str, end: int) -> tuple[str | None, str]:
    rest = plain[end:]
    own = rest.removeprefix("人民政府") if rest.startswith("人民政府") else rest
    found = TOWNSHIP.match(own)
    if not found or re.search(r"住房|城乡|局|委员会", found["name"]):
        return None, rest
    return found["name"], own[found.end() :]


_GOVERNMENT = frozenset({"", "人民政府", "政府", "行政公署", "专员公署", "行署"})
_OFFICE = re.compile(r"(?:人民)?政府(?:办公室|办公厅|办)|国务院办公厅")
_DEPARTMENT = re.compile(
    r"[局厅委部署司办队站所院社会关处行]$|办公室|办公厅|中心|监狱|银行|师|团|兵团"
)


def _kind(core: str, zone: str | None, township: str | None, plain: str) -> AgencyKind:
    kind: AgencyKind = "other"
    if is_outsider(plain):
        kind = "other"
    elif township:
        kind = "subdistrict_office" if township.endswith("街道") else "township_government"
    elif core in {"管理委员会", "管委会"} or (zone and core in _GOVERNMENT):
        kind = "development_zone"
    elif core in _GOVERNMENT:
        kind = "government"
    elif _OFFICE.fullmatch(core):
        kind = "government_office"
    elif _DEPARTMENT.search(core):
        kind = "department"
    return kind


_IN_CHARGE = re.compile(r"^(?:监管|监察)?分局$")
"""The branch that a ministry's bureau has for a whole city (宿迁监管分局); 市公安局贵池分局 is a district's."""
_GENERIC_LEVEL: dict[str, Level] = {
    "省": "province", "自治区": "province", "市": "prefecture", "州": "prefecture", "盟": "prefecture",
    "区": "county", "县": "county", "旗": "county",
}  # fmt: skip


def _level(
    steps: tuple[Step, ...],
    zone: str | None,
    township: str | None,
    generic: str,
    core: str,
    system: str,
) -> Level | None:
    if township:
        return "township"
    if zone:
        return "county"
    if generic:
        return _GENERIC_LEVEL[generic]
    if not steps:
        return "central" if system.endswith(("部", "署", "总局")) else None
    if core.endswith("分局") and steps[-1].level == "prefecture" and not _IN_CHARGE.search(core):
        return "county"
    return _corps_level(core) or steps[-1].level


def _corps_level(core: str) -> Level | None:
    """Return the level inside the Xinjiang production corps: corps, division, regiment."""
    if not core.startswith("生产建设兵团"):
        return None
    if re.search(r"师.*(?:团|镇)", core):
        return "county"
    return "prefecture" if "师" in core else "province"
