"""Whose account the store of a private nats-server is in.

An open server keeps its streams under `$G`, one with accounts under the name of each. A store that was filled
in one way is not read in the other: its streams would be missing, and the server would never be healthy.
"""

from pathlib import Path
from typing import Final

OPEN: Final = "$G"
"""The account of a server without accounts."""


def move_in(store: Path, account: str, other: str) -> Path | None:
    """Give what the store holds for `other` to `account`; call it while no server runs.

    Where both hold streams, those of `account` are the ones in use: the others are set aside beside the store.
    Returns where they are then, None if nothing had to be set aside. Raises `OSError`.
    """
    there, wanted = store / other, store / account
    if not _has_streams(there):
        return None
    if not _has_streams(wanted):
        if wanted.exists():
            wanted.rename(_free(store.parent, account))
        there.rename(wanted)
        return None
    aside = _free(store.parent, other)
    there.rename(aside)
    return aside


def _has_streams(folder: Path) -> bool:
    return any((folder / "streams").glob("*"))


def _free(folder: Path, account: str) -> Path:
    """Return a name that nothing has yet, outside the store."""
    name, number = f"set-aside-{account.strip('$')}", 1
    while (found := folder / f"{name}-{number}").exists():
        number += 1
    return found
