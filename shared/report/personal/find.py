"""Finds personal data: precision comes first, so what is merely possible is left alone.

Never found are figures of the tables, dates, numbers of documents, an office's telephone, and credit
codes of bodies. Officials are not private: a name counts only behind a word for a private person.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from shared.report.personal import names, numbers

Kind = Literal["identity", "mobile", "card", "name"]
"""identity: a citizen's number of 18 or 15 digits · mobile · card: of a bank · name: of a private person."""


@dataclass(frozen=True, slots=True)
class Personal:
    """One find: what it is, where it stands in the text, and how many characters may stay."""

    kind: Kind
    start: int
    end: int
    shown: int


def find(text: str) -> tuple[Personal, ...]:
    """Return all personal data of a text in order; finds never overlap."""
    found = [Personal("identity", *span, shown=4) for span in numbers.identities(text)]
    found += [Personal("card", *span, shown=4) for span in numbers.cards(text)]
    found += [Personal("mobile", *span, shown=3) for span in numbers.mobiles(text)]
    bearers = (name for one in found if (name := names.bearer(text, one.start)) is not None)
    found += [Personal("name", *name) for name in (*names.names(text), *bearers)]
    return tuple(_apart(sorted(found, key=lambda one: (one.start, -one.end))))


def _apart(found: Iterable[Personal]) -> Iterator[Personal]:
    """Yield those that do not reach into the one before."""
    reached = 0
    for one in found:
        if one.start >= reached:
            reached = one.end
            yield one
