"""How `gouji reconcile` tells what it found and mended: line by line to people, in one object to programs."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from services.commands.talking.wording import say, say_json, table
from services.ingest.core.reconciling import Action
from shared.language import spoken, texts

WORDS: Final[dict[Action | str, tuple[str, str]]] = {
    "read": ("重新读取", "read again"),
    "announce": ("重新通知", "told again"),
    "fetch": ("取回内容", "bytes brought back"),
    "withdraw": ("撤回无内容的投递", "notice without bytes taken back"),
    "name": ("补登名称", "name noted again"),
    "bury": ("补登失败", "failure noted again"),
    "review": ("补登复核", "review noted again"),
    "reset": ("重置消费者", "consumer reset"),
    "lost": ("内容已失，无法修复", "bytes are gone, cannot be mended"),
    "damaged": ("内容已坏，无法修复", "bytes are damaged, cannot be mended"),
}
"""What is done about a document, in both languages."""


class Teller(Protocol):
    """Hears of every step as it is done, and how many there were at the end of each look."""

    def step(self, action: str, **about: Any) -> None:
        """One thing was done, or would be; `about` names file and document, or what else it is about."""
        ...

    def end(self, done: Counter[str], *, under_way: int, dry_run: bool) -> None:
        """One look is over; `under_way` documents have no end yet."""
        ...


class ForPeople:
    """Prints each step as it happens."""

    def step(self, action: str, **about: Any) -> None:
        """Print a line."""
        shown = "  ".join("?" if value is None else str(value) for value in about.values())
        say(f"{spoken(*WORDS[action], ' ')}  {shown}")

    def end(self, done: Counter[str], *, under_way: int, dry_run: bool) -> None:
        """Print a table of counts."""
        rows = [(*texts(*WORDS[action]), str(count)) for action, count in sorted(done.items())]
        rows.append((*texts("处理中", "under way"), str(under_way)))
        for text in table(rows):
            say(text)
        if dry_run and done:
            say(f"{spoken('未作修改', 'nothing was changed', ' ')}: gouji reconcile")
        elif not done:
            say(spoken("三处一致", "bus, archive and database agree"))


@dataclass
class ForPrograms:
    """Keeps the steps of a look and prints one JSON line at its end, or only keeps them."""

    prints: bool = True
    found: dict[str, Any] = field(default_factory=dict)
    """What the last look came to, as it is printed."""
    _steps: list[dict[str, Any]] = field(default_factory=list)

    def step(self, action: str, **about: Any) -> None:
        """Keep a step."""
        self._steps.append({"action": action, **about})

    def end(self, done: Counter[str], *, under_way: int, dry_run: bool) -> None:
        """Print the look."""
        steps, self._steps = self._steps, []
        self.found = {
            "steps": steps, "counts": dict(done), "under_way": under_way, "dry_run": dry_run,
        }  # fmt: skip
        if self.prints:
            say_json(self.found)
