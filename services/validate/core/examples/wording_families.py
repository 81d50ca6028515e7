"""Examples of either sort in human words; of several reports, what each of them holds."""

from collections.abc import Iterator
from typing import Final

from services.validate.core.examples.clean import YEARS
from services.validate.core.examples.model import (
    AnyExample,
    Example,
    FamilyExample,
    Told,
    ToldAlike,
    ToldMembers,
)
from services.validate.core.examples.wording import described as described_alone
from services.validate.core.examples.wording import joined, parts, place_words
from services.validate.core.naming import Name, number
from shared.report.record import Edition

_HEADING: Final = frozenset({"year", "agency", "agency_as_printed", "region", "scope", "kind"})
"""Fields of the identity that the heading of a report says."""
_AS_USUAL: Final = Name("一切如常", "as it should be")


def described(example: AnyExample) -> Name:
    """Return what the example holds, in both languages."""
    if isinstance(example, Example):
        return described_alone(example)
    return joined(_reports(example)) or _AS_USUAL


def _reports(example: FamilyExample) -> Iterator[Name]:
    year = _year(example.report)
    if example.before is not None:
        last = example.before.identity.get("year", year - 1)
        yield _report(example.before, Name(f"上年（{last}年）报告", f"last year's report ({last})"))
    for other in example.alike:
        yield _report(other, _other(other))
    if example.members is not None:
        yield _members(example.members, example.report.edition)
    if example.report.identity.get("scope") == "roll_up":
        own = Name(f"政府{year}年汇总报告", f"the government's roll-up ({year})")
    else:
        own = Name(f"本年（{year}年）报告", f"this year's report ({year})")
    yield _report(example.report, own)


def _year(told: Told) -> int:
    year: int = told.identity.get("year", YEARS[told.edition])
    return year


def _report(told: Told, heading: Name) -> Name:
    identity = {name: v for name, v in told.identity.items() if name not in _HEADING}
    held = joined(parts(told.model_copy(update={"identity": identity}))) or _AS_USUAL
    return Name(f"【{heading.zh}】{held.zh}", f"[{heading.en}] {held.en}")


def _other(told: ToldAlike) -> Name:
    year = _year(told)
    name = told.identity.get("agency_as_printed", told.identity.get("agency"))
    if name is None:
        return Name(f"另一份{year}年报告", f"another report on {year}")
    return Name(f"{name}{year}年报告", f"{name}'s report ({year})")


def _members(told: ToldMembers, edition: Edition) -> Name:
    held = list(_figures(told, edition))
    if told.lacking:
        names = "、".join(told.lacking)
        held.append(Name(f"名单上未报的有 {names}", f"listed but not filed: {names}"))
    if told.complete:
        held.append(
            Name("名单声明机关已全且均已报告", "the list is declared complete, and all have filed")
        )
    what = joined(held) or _AS_USUAL
    return Name(
        f"【{told.count} 个所属机关的报告】{what.zh}",
        f"[the reports of {told.count} members] {what.en}",
    )


def _figures(told: ToldMembers, edition: Edition) -> Iterator[Name]:
    for address, (value, body) in told.largest.items():
        place, most = place_words(edition, address), number(value)
        yield Name(f"{place.zh}，{body}为 {most}", f"{place.en}, at {body} {most}")
    for address, value in told.sums.items():
        place, total, known = (
            place_words(edition, address),
            number(value),
            told.known.get(address, 0),
        )
        yield Name(
            f"{place.zh}，{known} 个机关合计 {total}", f"{place.en}, {total} at {known} bodies"
        )
