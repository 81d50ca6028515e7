"""The two kinds of failure: input that can never work, and a world that is not there right now.

A report that is *wrong* is neither: its faults are issues, which are values.
"""

from typing import Literal

RefusalReason = Literal[
    "empty",
    "too_large",
    "binary",
    "undecodable",
    "unsupported_format",
    "encrypted",
    "broken",
    "hostile",
    "not_a_report",
    "blank_form",
    "pre_2019_report",
    "missing_bytes",
    "needs_extra",
    "timed_out",
    "out_of_memory",
    "reader_crashed",
    "no_text",
]
"""The closed list of reasons for which a dropped file is refused."""


class GoujiError(Exception):
    """Root of everything gouji raises on purpose."""


class BadInput(GoujiError):
    """The input can never be processed; it is refused with a reason and not retried."""

    def __init__(self, reason: RefusalReason, detail_zh: str, detail_en: str) -> None:
        """Keep the reason (closed list) and one sentence for people in each language."""
        super().__init__(f"{reason}: {detail_en}")
        self.reason: RefusalReason = reason
        self.detail_zh = detail_zh
        self.detail_en = detail_en

    def __reduce__(self) -> tuple[type["BadInput"], tuple[RefusalReason, str, str]]:
        """Travel between processes whole: pickle would call the class with the message alone."""
        return type(self), (self.reason, self.detail_zh, self.detail_en)


class Undeliverable(GoujiError):
    """A door that is not ours (a webhook) does not take a message.

    It is tried again with growing delay, but not for ever: after bounded attempts, or at once when
    it is `final`, it ends as a dead letter that says nothing against the service itself.
    `retry_after` is how many seconds the other side asked to be left alone.
    """

    def __init__(
        self, reason: str, *, final: bool = False, retry_after: float | None = None
    ) -> None:
        """Keep the reason: one line that quotes neither secrets nor what the other side said."""
        super().__init__(reason)
        self.final = final
        self.retry_after = retry_after


class Unavailable(GoujiError):
    """Something outside (bus, disk, database) does not answer; the work is retried later."""
