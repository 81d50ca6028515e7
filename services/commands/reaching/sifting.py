"""Which failures a person asked for: by subject where the bus can choose, else by headers, else body."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, TypeVar

import typer

from services.commands.reaching.following import Told
from services.notify.core import readers
from services.notify.core.families import HEADERS
from services.notify.core.faults import Fault
from shared.contracts.changes import IssueGone
from shared.contracts.events import ValidationFailed
from shared.language import spoken

T = TypeVar("T")

_PARTS: Final = ("province", "city", "county", "township")


@dataclass(frozen=True, slots=True)
class Sieve:
    """What was asked for; of several values of one kind any will do, nothing means anything.

    `wanted` holds what the headers say, by the names of `HEADERS`; `places` are parts of names of
    regions, `agencies` parts of names of agencies.
    """

    wanted: Mapping[str, tuple[str, ...]]
    places: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subjects under which the bus keeps what may be meant."""
        return self._under(ValidationFailed.subject)

    @property
    def gone_subjects(self) -> tuple[str, ...]:
        """The subjects under which the bus tells that such a failure holds no more."""
        return self._under(IssueGone.subject)

    def _under(self, subject: str) -> tuple[str, ...]:
        severities = self.wanted.get("severities") or ("*",)
        rules = self.wanted.get("rules") or ("*",)
        return tuple(f"{subject}.{s}.{r}" for s, r in product(severities, rules))

    def lets_through(self, told: Told) -> bool:
        """Tell whether a failure is meant."""
        return (
            all(
                _says(told.headers.get(HEADERS[kind]), kind, values)
                for kind, values in self.wanted.items()
                if kind != "regions" and values
            )
            and self._is_inside(told)
            and _contains(told.body.get("agency"), self.agencies)
        )

    def _is_inside(self, told: Told) -> bool:
        codes = self.wanted.get("regions", ())
        if not codes and not self.places:
            return True
        if codes and _says(told.headers.get(HEADERS["regions"]), "regions", codes):
            return True
        region = told.body.get("region")
        names = region if isinstance(region, Mapping) else {}
        full = "".join(str(names[part]) for part in _PARTS if names.get(part))
        return bool(self.places) and _contains(full, self.places)


def sieve(
    regions: Sequence[str], years: Sequence[str], agencies: Sequence[str], **others: Sequence[str]
) -> Sieve:
    """Read what was typed; raises `typer.BadParameter` for what can never be found."""
    codes = [region for region in regions if region.isdecimal()]
    wanted = {kind: _read(kind, values) for kind, values in others.items() if values}
    if years:
        wanted["years"] = _read("years", [int(y) if y.isdecimal() else y for y in years])
    if codes:
        wanted["regions"] = _read("regions", codes)
    places = tuple(region.strip() for region in regions if not region.isdecimal())
    named = tuple(agency.strip() for agency in agencies)
    if not all((*places, *named)):
        raise typer.BadParameter("--region, --agency: " + spoken("不得为空", "must not be empty"))
    return Sieve(wanted, places, named)


_READERS: Final[Mapping[str, Callable[[object], tuple[str, ...]]]] = {
    "severities": readers.severities,
    "rules": readers.rules,
    "origins": readers.origins,
    "regions": readers.regions,
    "years": readers.years,
    "levels": readers.levels,
}


def _read(kind: str, values: Sequence[object]) -> tuple[str, ...]:
    try:
        return _READERS[kind](list(values))
    except Fault as fault:
        option = {"severities": "severity"}.get(kind, kind.removesuffix("s"))
        raise typer.BadParameter(f"--{option}: {fault}") from None


def _says(value: str | None, kind: str, values: tuple[str, ...]) -> bool:
    if value is None:
        return False
    return value.startswith(values) if kind == "regions" else value in values


def _contains(text: Any, parts: tuple[str, ...]) -> bool:
    return not parts or any(part in str(text or "") for part in parts)
