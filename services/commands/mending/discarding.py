"""Which dead letters may be thrown away: none that is all that is known of a file that we hold."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.commands.mending.reconciling import Letter, letter_of
from shared.contracts.events import DeadLetter
from shared.runtime.streams import topology


class Numbered(NamedTuple):
    """A dead letter and its sequence among them."""

    number: int
    letter: DeadLetter


@dataclass(frozen=True, slots=True)
class Discarding:
    """What becomes of the chosen letters: `gone` are thrown away, `kept` must not be.

    `rows` are ids of files that nothing speaks of any more once the letters are gone.
    """

    gone: Sequence[Numbered]
    kept: Sequence[Numbered]
    rows: frozenset[str]


def discarding(
    chosen: Sequence[Numbered],
    others: Iterable[Numbered],
    *,
    held: Collection[str],
    ended: Collection[str],
    lost: Collection[int] = (),
) -> Discarding:
    """Say what may be thrown away.

    `others` are the letters that stay in any case, `held` the documents whose bytes we have, `ended` the
    ids of rows of files that have another end than dead. A document that we hold and that has no other
    end would be without any: its letter stays, to be replayed. The sequences in `lost` are of letters whose
    message nobody has any more: without them `gouji reconcile` reads the file again.
    """
    gone: list[Numbered] = []
    kept: list[Numbered] = []
    for one in chosen:
        ours = _file_of(one)
        is_open = ours is not None and ours.document_id in held and ours.row not in ended
        (kept if is_open and one.number not in lost else gone).append(one)
    told = {ours.row for one in (*others, *kept) if (ours := _file_of(one)) is not None}
    rows = {ours.row for one in gone if (ours := _file_of(one)) is not None}
    return Discarding(gone, kept, frozenset(rows - told - set(ended)))


def documents_of(letters: Iterable[Numbered]) -> frozenset[str]:
    """Return the documents that end with these letters, as far as they name one."""
    found = (_file_of(one) for one in letters)
    return frozenset(ours.document_id for ours in found if ours is not None and ours.document_id)


def _file_of(one: Numbered) -> Letter | None:
    """Return what a letter says of a file; nothing if it ends none, or is no letter of ours."""
    return None if one.letter.origin_stream == topology.DEAD else letter_of(*one)
