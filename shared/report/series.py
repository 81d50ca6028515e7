"""One body through the years: reports of the same body share a series, whatever its name is printed like.

某县信访局 in one year and 某市某县信访局 in another are the same body once the place is known. Bodies of
other names are never joined: after a reorganisation a successor is another body.
"""

import re

from shared.report.characters import fold
from shared.report.identity import fingerprint
from shared.report.record import Identity, Region

_SUFFIXES = (
    "特别行政区",
    "自治区",
    "自治州",
    "自治县",
    "自治旗",
    "地区",
    "省",
    "市",
    "区",
    "县",
    "盟",
    "旗",
    "州",
)
_TOWNSHIP_KINDS = ("township_government", "subdistrict_office")
_SHORTEST_NAME = 2
_MUNICIPALITIES = ("11", "12", "31", "50")
"""First digits of Beijing, Tianjin, Shanghai and Chongqing, which have no prefectures between."""
_NO_PREFECTURE = "90"
"""Third and fourth digit of counties that stand under the province itself (仙桃, 石河子)."""
_RANK = re.compile(r"[省市区县州旗](?![场容民域直级块委府]|政(?!府))")
"""The rank of a division in place of its name: 市财政局; not 市场监督管理局, not 市政管理局."""
_VERTICAL = re.compile(
    r"^(?:国家(?:税务|统计|金融监督|外汇|能源|矿山安全|移民管理|粮食和物资)|中国(?:人民银行|银保监|银行保险|证监|证券监督"
    r"|民用航空|海警)|中华人民共和国)"
    r"|(?:税务局|税务分局|海关|海事局|调查队|气象局|邮政管理局|烟草专卖局|监管分局|边防检查站)$"
)
"""Bodies that a ministry runs: what they do is not the local government's, nor in its roll-up."""
_ALSO = re.compile(r"\([^()]*\)$")
"""The second name of a joint body: 信访局（群众来访接待中心）."""


def series_of(identity: Identity) -> str | None:
    """Return the series of a report; None where the body is not known well enough to be joined."""
    if identity.agency is None:
        return None
    if identity.ambiguous_places and identity.place_resolved_by in {None, "none"}:
        return None
    if place_of(identity.region) is None and identity.level != "central":
        return None
    return series_id(identity.agency, identity.region, identity.kind, identity.scope)


def series_id(agency: str, region: Region, kind: str | None, scope: str) -> str:
    """Return the id of a body: its place, its name without the place, and what it speaks for."""
    place = place_of(region)
    if kind in _TOWNSHIP_KINDS and region.township is not None:
        return fingerprint("series", place, region.township, kind, scope)
    return fingerprint("series", place, core_name(agency, region), scope)


def core_name(agency: str, region: Region) -> str:
    """Return a name without the places it begins with, in plain characters: 某市某县信访局 → 信访局.

    The rank alone counts as the place (区信访局), a second name in brackets is left out, and 人民政府
    is 政府.
    """
    name = _ALSO.sub("", fold(agency)) or fold(agency)
    parts = [fold(p) for p in (region.province, region.city, region.county) if p]
    for position, part in enumerate(parts):
        for spelling in spellings(part):
            rest = name.removeprefix(spelling)
            # 吉林 of 吉林省 also begins 吉林市, which is the place meant
            if rest in ("", name) or (
                spelling != part and name.startswith(tuple(parts[position:]))
            ):
                continue
            name = rest
            break
    if _RANK.match(name):
        name = name[1:]
    return name.replace("人民政府", "政府")


def place_of(region: Region) -> str | None:
    """Return the key of the division a body belongs to: its code, else its names; None if unknown."""
    if region.code:
        code = region.code[:6]
        # a development zone has no code of its own
        own = region.county if region.county and code.endswith("00") else ""
        return code + own
    names = dict.fromkeys(p for p in (region.province, region.city, region.county) if p)
    return "/".join(names) or None


def upper_place_of(region: Region) -> str | None:
    """Return the key of the division above that of a body; None where there is none or it is unknown."""
    place = place_of(region)
    if place is None:
        return None
    if not region.code:
        return place.rpartition("/")[0] or None
    code = place[:6]
    if place != code:
        return code
    under_prefecture = code[:2] not in _MUNICIPALITIES and code[2:4] != _NO_PREFECTURE
    if not code.endswith("00") and under_prefecture:
        return f"{code[:4]}00"
    return f"{code[:2]}0000" if not code.endswith("0000") else None


def is_member(agency: str | None) -> bool:
    """Tell whether a body at a government's place belongs to that government.

    Offices of vertically run systems do not (国家税务总局沭阳县税务局), unless an operator's list says so.
    """
    return agency is None or _VERTICAL.search(agency) is None


def spellings(part: str | None) -> tuple[str, ...]:
    """Return the full name of a division and, where it stays a name, the same without its suffix."""
    if part is None:
        return ()
    for suffix in _SUFFIXES:
        short = part.removesuffix(suffix)
        if short != part and len(short) >= _SHORTEST_NAME:
            return (part, short)
    return (part,)
