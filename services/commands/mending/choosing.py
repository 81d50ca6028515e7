"""Which dead letters a call of `gouji replay` or `gouji discard` means."""

from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Annotated

import typer

from services.commands.reviews.reviewing import Mistaken
from shared.contracts.events import DeadLetter
from shared.language import spoken

Stream = Annotated[
    str | None, typer.Argument(help=spoken("来源流", "Stream the message stood in, e.g. REPORTS."))
]
Sequence = Annotated[int | None, typer.Argument(help=spoken("序号", "Its sequence there."))]
Service = Annotated[
    str | None, typer.Option(help=spoken("只选一个服务的", "Only this service's dead letters."))
]
Reason = Annotated[
    str | None, typer.Option(help=spoken("原因的通配", "Pattern of the reason, e.g. '*no space*'."))
]
ErrorClass = Annotated[
    str | None, typer.Option(help=spoken("错误类的通配", "Pattern of the error class."))
]
File = Annotated[
    str | None, typer.Option(help=spoken("文件名的通配", "Pattern of the file, e.g. '2024/*.pdf'."))
]
Since = Annotated[str | None, typer.Option(help=spoken("此时起失败的", "Failed at or after."))]
Until = Annotated[str | None, typer.Option(help=spoken("此时前失败的", "Failed before."))]
Limit = Annotated[
    int | None,
    typer.Option(min=1, help=spoken("最多几条，旧的在先", "At most so many, oldest first.")),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help=spoken("只列出", "Only list them."))]


@dataclass(frozen=True, slots=True)
class Choice:
    """Conditions that a letter must meet, all of them; None is no condition.

    `reason`, `error_class` and `file` are patterns with `*`, `?` and `[…]`; `since` is the first moment of
    failing that counts, `until` the first that does not.
    """

    stream: str | None = None
    sequence: int | None = None
    service: str | None = None
    reason: str | None = None
    error_class: str | None = None
    file: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_any(self) -> bool:
        """Tell whether there is no condition at all."""
        return self == Choice()

    def takes(self, letter: DeadLetter) -> bool:
        """Tell whether a letter meets every condition."""
        exact = (
            (self.stream, letter.origin_stream),
            (self.sequence, letter.origin_sequence),
            (self.service, letter.service),
        )
        patterns = (
            (self.reason, letter.reason),
            (self.error_class, letter.error_class),
            (self.file, letter.file),
        )
        return (
            all(wanted in (None, found) for wanted, found in exact)
            and all(_fits(pattern, found) for pattern, found in patterns)
            and (self.since is None or letter.failed_at >= self.since)
            and (self.until is None or letter.failed_at < self.until)
        )


def moment_of(text: str | None, option: str) -> datetime | None:
    """Return the moment an option names: a date or a date with time, UTC unless it says otherwise."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Mistaken(
            f"{option}: {text!r} "
            + spoken(
                "不是日期或时刻，如 2026-01-31、2026-01-31T08:00",
                "is no date or moment, such as 2026-01-31 or 2026-01-31T08:00",
            )
        ) from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _fits(pattern: str | None, found: str | None) -> bool:
    return pattern is None or fnmatchcase(found or "", pattern)
