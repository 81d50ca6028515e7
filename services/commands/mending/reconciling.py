"""What `gouji reconcile` does beyond documents: dead letters, and consumers that skip what is new."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from services.ingest.core.reconciling import Step, row_of
from services.sink.core import rows
from shared.contracts.events import DeadLetter


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter: its sequence, the row it leads to, and the document it is about."""

    number: int
    row: str
    document_id: str | None
    file: str | None


def letter_of(number: int, letter: DeadLetter) -> Letter | None:
    """Return what a dead letter means for the database; None if it ends no file."""
    if not letter.ends_its_file:
        return None
    (row,) = rows.dead(letter)["files"]
    return Letter(number, row["id"], letter.document_id, letter.file)


def without_row(
    letters: Iterable[Letter], known: Collection[str], flying: Collection[str]
) -> list[Letter]:
    """Return the letters that the database knows nothing of, one for each row."""
    found = {
        letter.row: letter
        for letter in letters
        if letter.row not in known and letter.document_id not in flying
    }
    return sorted(found.values(), key=lambda letter: letter.number)


def without_letter(
    dead: Mapping[str, str], letters: Iterable[Letter], names: Mapping[str, str]
) -> list[Step]:
    """Return dead documents whose letter is gone: nothing but reading them again can replay them.

    `dead` are rows of dead files with their documents, `names` those that the archive can give, by file.
    """
    told = {letter.row for letter in letters}
    return [
        Step("read", document_id, names[document_id])
        for row, document_id in sorted(dead.items())
        if row not in told and row == row_of(document_id) and document_id in names
    ]
