"""Complete an authority's name and place from the document; never guess among candidates."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from services.extract.core.gazetteer import lookup
from services.extract.core.who.agency import Parsed, Step, parse_agency, places_at
from services.extract.core.who.wording import HAN
from shared.report.record import Level, Region

ResolvedBy = Literal["title", "body", "signature", "name", "none"]
_WINDOW = 30
_MENTIONS = 12
_MOST_CANDIDATES = 20
_BETWEEN = ("", "人民政府")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the full name may stand: signature, other lines that are names, the running text."""

    signature: str | None
    lines: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """The authority in full with its region; `candidates` names the places that the title leaves open."""

    agency: str
    parsed: Parsed
    region: Region
    by: ResolvedBy
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Fuller:
    name: str
    parsed: Parsed
    by: ResolvedBy


def _key(parsed: Parsed) -> str:
    """Return what a fuller spelling of the name must end with."""
    if parsed.generic:
        return parsed.core
    if parsed.township and not parsed.steps:
        return parsed.township
    return parsed.name


def _fits(short: Parsed, full: Parsed) -> bool:
    """Tell whether `full` is the same authority as `short` with more of its place."""
    if len(full.steps) <= len(short.steps) or not any(s.codes for s in full.steps):
        return False
    if short.generic and not full.steps[-1].name.endswith(short.generic):
        return False
    if (short.township, short.zone) != (full.township, full.zone):
        return False
    if not short.steps:
        return True
    return full.steps[-1].name == short.steps[-1].name and full.core == short.core


def _fuller_line(parsed: Parsed, evidence: Evidence) -> _Fuller | None:
    """Take the full name from the signature or from another line that is a name."""
    key = _key(parsed)
    sources: list[tuple[str, ResolvedBy]] = [(line, "body") for line in evidence.lines]
    if evidence.signature:
        sources.insert(0, (evidence.signature, "signature"))
    for name, by in sources:
        at = name.find(key)
        if at < 0 or (at == 0 and not parsed.township):
            continue
        full = parse_agency(name)
        if _fits(parsed, full):
            return _Fuller(name, full, by)
    return None


def _chain_before(text: str, end: int) -> tuple[str, tuple[Step, ...], str] | None:
    """Return the places that stand directly before `end`: their text, steps, words in between."""
    window = text[max(0, end - _WINDOW) : end]
    for offset in range(len(window)):
        steps, stop = places_at(window, offset, unknown=False)
        if steps and window[stop:] in _BETWEEN:
            return window[offset:stop], steps, window[stop:]
    return None


def _fuller_in_body(parsed: Parsed, body: str) -> _Fuller | None:
    """Find one single longer spelling of the name in the running text."""
    key = _key(parsed)
    if len(key) < 2:
        return None
    found: dict[str, _Fuller] = {}
    at = body.find(key)
    for _ in range(_MENTIONS):
        if at < 0:
            break
        if chain := _chain_before(body, at):
            tail = parsed.name if not parsed.generic else parsed.core
            name = "".join((chain[0], chain[2], tail))
            full = parse_agency(name)
            if _fits(parsed, full):
                # a body named with its city and once without is one body
                found[full.steps[-1].name + full.core] = max(
                    (_Fuller(name, full, "body"), *filter(None, [found.get(full.steps[-1].name + full.core)])),
                    key=lambda f: len(f.name),
                )  # fmt: skip
        at = body.find(key, at + len(key))
    return next(iter(found.values())) if len(found) == 1 else None


def _parent_before_place(parsed: Parsed, body: str) -> tuple[Step, ...] | None:
    """Return the larger places printed directly before the agency's own place, if always the same."""
    place = parsed.steps[0]
    chains: dict[tuple[str, ...], tuple[Step, ...]] = {}
    at = body.find(place.name)
    for _ in range(_MENTIONS):
        if at < 0:
            break
        if chain := _chain_before(body, at):
            above = chain[1][-1].codes
            if any(lookup.contains(a, c) for a in above for c in place.codes):
                chains[above] = chain[1]
        at = body.find(place.name, at + len(place.name))
    return next(iter(chains.values())) if len(chains) == 1 else None


def _narrowed_by_mentions(codes: tuple[str, ...], body: str) -> tuple[str, ...]:
    """Keep the candidates one of whose parents the text names in full, if that is one parent."""
    if len(codes) < 2:
        return codes
    names = lookup.names()
    own = [c for c in codes if any(names[p] in body for p in _nearest_parents(c))]
    return tuple(own) if len(own) == 1 else codes


def _nearest_parents(code: str) -> tuple[str, ...]:
    return lookup.parents_of(code)[-1:]


def resolve(name: str, evidence: Evidence) -> Resolved:
    """Return the authority in full and its region, as far as the document shows them."""
    printed = parse_agency(name)
    if printed.central:
        return Resolved(name, printed, Region(), "none")
    resolved = _resolve(name, printed, evidence)
    if len(printed.codes) > 1 and not resolved.candidates:
        # the title alone left it open: say between what the rest of the document decided
        above = tuple(_above(c) for c in printed.codes[:_MOST_CANDIDATES])
        return replace(resolved, candidates=above)
    return resolved


def _resolve(name: str, parsed: Parsed, evidence: Evidence) -> Resolved:
    by: ResolvedBy = "title" if parsed.steps else "none"
    if not parsed.steps or parsed.steps[0].level == "county":
        fuller = _fuller_line(parsed, evidence) or _fuller_in_body(parsed, evidence.body)
        if fuller:
            name, parsed, by = fuller.name, fuller.parsed, fuller.by
        elif parsed.steps and (above := _parent_before_place(parsed, evidence.body)):
            name = "".join(s.name for s in above) + name
            parsed, by = parse_agency(name), "body"
    codes = parsed.codes
    if len(codes) > 1 and len(kept := _narrowed_by_mentions(codes, evidence.body)) == 1:
        codes, by = kept, "body"
        name = "".join(lookup.names()[p] for p in _nearest_parents(kept[0])) + name
        parsed = parse_agency(name)
    if not parsed.steps:
        return _without_place(name, parsed, evidence)
    return _with_place(name, parsed, codes, by)


def _with_place(name: str, parsed: Parsed, codes: tuple[str, ...], by: ResolvedBy) -> Resolved:
    agency = official(name, parsed)
    if len(codes) > 1:
        candidates = tuple(_above(c) for c in codes[:_MOST_CANDIDATES])
        region = replace(_printed(parsed.steps), township=parsed.township)
        return Resolved(agency, parsed, region, "none", candidates)
    if not codes:
        return Resolved(
            agency, parsed, replace(_printed(parsed.steps), township=parsed.township), by
        )
    region = lookup.region_of(codes[0], parsed.steps[-1].name)
    alone = by == "title" and parsed.steps[0].level == "county"
    return Resolved(
        agency, parsed, replace(region, township=parsed.township), "name" if alone else by
    )


def _above(code: str) -> str:
    return "".join(lookup.names()[p] for p in lookup.parents_of(code))


def _printed(steps: tuple[Step, ...]) -> Region:
    """Return the places as printed, for those the gazetteer does not know or cannot tell apart."""
    by_level = {s.level: s.name for s in steps}
    return Region(by_level.get("province"), by_level.get("prefecture"), by_level.get("county"))


def _without_place(name: str, parsed: Parsed, evidence: Evidence) -> Resolved:
    """Resolve a name that carries no place: a township by its own name, a bureau by mentions."""
    if parsed.township:
        codes = lookup.counties_with_township(parsed.township)
        names = lookup.names()
        named = tuple(c for c in codes if c in names and names[c] in evidence.body)
        if named and len(named) == 1:
            codes = named
        if len(codes) == 1 and codes[0] in names:
            region = replace(lookup.region_of(codes[0]), township=parsed.township)
            return Resolved(official(name, parsed), parsed, region, "body" if named else "name")
        candidates = tuple(lookup.full_name(c) for c in codes[:_MOST_CANDIDATES] if c in names)
        return Resolved(
            official(name, parsed), parsed, Region(township=parsed.township), "none", candidates
        )
    if parsed.generic and (place := _only_place(parsed.generic, evidence.body)):
        full = place + name.removeprefix(parsed.generic)
        again = parse_agency(full)
        if len(again.codes) == 1:
            return replace(_with_place(full, again, again.codes, "body"), by="body")
    return Resolved(name, parsed, Region(), "none")


def _only_place(generic: str, body: str) -> str | None:
    """Return the one place of this rank that the text names at least twice."""
    counts: dict[str, int] = {}
    for found in re.finditer(generic, body):
        end = found.end()
        for length in range(8, 1, -1):
            candidate = body[max(0, end - length) : end]
            if lookup.codes_of(candidate):
                counts[candidate] = counts.get(candidate, 0) + 1
                break
    names = list(counts)
    return names[0] if len(names) == 1 and counts[names[0]] > 1 else None


_OFFICIAL_CORE = {
    "": "人民政府", "政府": "人民政府", "政府办": "人民政府办公室", "政府办公室": "人民政府办公室",
    "政府办公厅": "人民政府办公厅",
}  # fmt: skip
_OFFICIAL_STREET = {"": "办事处", "办": "办事处", "街道办": "办事处"}


def official(name: str, parsed: Parsed) -> str:
    """Return the name with its body spelled out: X市 and X市政府 are X市人民政府."""
    if parsed.zone or parsed.central or (not parsed.steps and not parsed.township):
        return name
    street = parsed.township is not None and parsed.township.endswith("街道")
    spelled = (_OFFICIAL_STREET if street else _OFFICIAL_CORE).get(parsed.core)
    if spelled is None or not name.endswith(parsed.core):
        return name
    return name.removesuffix(parsed.core) + spelled if parsed.core else name + spelled


_DISTRICT = rf"(?P<district>[{HAN}]{{1,6}}[区县市旗])"


def zone_county(parsed: Parsed, body: str) -> str | None:
    """Return the county field of a zone: its name, with the district it is named jointly with."""
    if parsed.zone is None or any(s.level == "county" for s in parsed.steps):
        return None
    zone = re.escape(parsed.zone)
    joint = re.compile(
        rf"{_DISTRICT}[、（(]{zone}|{zone}[（(、]{_DISTRICT.replace('district', 'after')}"
    )
    for found in joint.finditer(body):
        printed = found["district"] or found["after"]
        for start in range(len(printed) - 1):
            name = printed[start:]
            codes = lookup.codes_of(name)
            if codes and any(lookup.contains(p, c) for p in parsed.codes for c in codes):
                return f"{parsed.zone}（{name}）"
    return parsed.zone


_BRANCH = re.compile(r"(?:局|公安|环境|资源)(?P<place>[^局]{2,12})分局$")
_NAMED_FIRST = re.compile(r"(?P<place>[^局]{2,12}?)(?:生态环境|自然资源(?:和规划)?)(?:分)?局$")


def branch_county(parsed: Parsed) -> str | None:
    """Return the code of the county a branch office serves: 青榆区 in 云澜市公安局青榆区分局.

    Since the reform of their systems some name the county first: 云澜市青榆生态环境局.
    """
    found = _BRANCH.search(parsed.core) or _NAMED_FIRST.match(parsed.core)
    if not found or len(parsed.codes) != 1:
        return None
    own = [
        c for c in lookup.counties_under(parsed.codes[0])
        if found["place"] in (lookup.names()[c], lookup.short_name(c))
    ]  # fmt: skip
    return own[0] if len(own) == 1 else None


def level_of(found: Resolved) -> Level | None:
    """Return the level of a body; a branch that a city's bureau has in a county is a county's."""
    return "county" if branch_county(found.parsed) else found.parsed.level


def region_in(found: Resolved, body: str) -> Region:
    """Return where a body is at home: a zone's own field and a branch office's county included."""
    region = found.region
    if county := zone_county(found.parsed, body):
        region = replace(region, county=county)
    if branch := branch_county(found.parsed):
        region = lookup.region_of(branch)
    return region
