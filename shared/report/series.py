"""One body through the years: reports of the same body share a series, whatever its name is printed like.

增城区信访局 in one year and 广州市增城区信访局 in another are the same body once the place is known. Bodies of
other names are never joined: after a reorganisation a successor is another body.
"""

from shared.report.identity import fingerprint
from shared.report.record import Identity, Region

_SUFFIXES = ("特别行政区", "自治区", "自治州", "自治县", "省", "市", "区", "县", "盟", "旗", "州")
_TOWNSHIP_KINDS = ("township_government", "subdistrict_office")
_SHORTEST_NAME = 2
_MUNICIPALITIES = ("11", "12", "31", "50")
"""First digits of Beijing, Tianjin, Shanghai and Chongqing, which have no prefectures between."""


def series_of(identity: Identity) -> str | None:
    """Return the series of a report; None where the body is not known well enough to be joined."""
    if identity.agency is None or identity.ambiguous_places:
        return None
    return series_id(identity.agency, identity.region, identity.kind, identity.scope)


def series_id(agency: str, region: Region, kind: str | None, scope: str) -> str:
    """Return the id of a body: its place, its name without the place, and what it speaks for."""
    place = place_of(region)
    if kind in _TOWNSHIP_KINDS and region.township is not None:
        return fingerprint("series", place, region.township, kind, scope)
    return fingerprint("series", place, core_name(agency, region), scope)


def core_name(agency: str, region: Region) -> str:
    """Return a name without the places it begins with: 广州市增城区信访局 → 信访局."""
    name = agency
    for part in (region.province, region.city, region.county):
        for spelling in _spellings(part):
            if name.startswith(spelling) and len(name) > len(spelling):
                name = name.removeprefix(spelling)
                break
    return name


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
    if not code.endswith("00") and code[:2] not in _MUNICIPALITIES:
        return f"{code[:4]}00"
    return f"{code[:2]}0000" if not code.endswith("0000") else None


def _spellings(part: str | None) -> tuple[str, ...]:
    """Return the full name of a division and, where it stays a name, the same without its suffix."""
    if part is None:
        return ()
    for suffix in _SUFFIXES:
        short = part.removesuffix(suffix)
        if short != part and len(short) >= _SHORTEST_NAME:
            return (part, short)
    return (part,)
