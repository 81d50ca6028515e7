"""What is wrong with a file of webhooks: where, and why, in Chinese and English."""

from collections.abc import Sequence

from shared.errors import GoujiError
from shared.language import spoken


class Fault(GoujiError):
    """One thing wrong with one key of one entry; never quotes an address, a header or a secret."""

    def __init__(self, zh: str, en: str, key: str | None = None) -> None:
        """Keep one sentence in each language, and the key once it is known."""
        super().__init__(f"{key}: {spoken(zh, en)}" if key else spoken(zh, en))
        self.zh = zh
        self.en = en

    def at(self, key: str) -> "Fault":
        """Return the same fault with the key it was found at."""
        return Fault(self.zh, self.en, key)


class FaultyWebhooks(GoujiError):
    """A file of webhooks cannot be used; says everything that is wrong with it."""

    def __init__(self, file: str, faults: Sequence[tuple[str | None, Fault]]) -> None:
        """Take the file's name, and each fault with the entry it is in, if it is in one."""
        lines = [f"{file}: {f'{entry}: ' if entry else ''}{fault}" for entry, fault in faults]
        super().__init__("\n".join(lines))
