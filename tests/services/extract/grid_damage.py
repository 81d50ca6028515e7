"""What recognition does to the grids of a scanned report: doubts, confusions, walls, lost pieces.

The slots carry confidences and other readings as a recogniser gives them. The truth stays: a cell
must be read as it is, or be flagged.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from services.normalize.core.composing import Block, Grid, Slot, Text
from tests.services.extract.grid_drafts import T3, Draft, slot_of
from tests.services.extract.grid_variants import shaped
from tests.support.sheets import Box, Sheet
from tests.support.truth import Truth

_LIKE = {
    "0": "68O", "1": "7l4", "2": "7Z", "3": "85", "4": "19", "5": "63S", "6": "508", "7": "12",
    "8": "306", "9": "40",
}  # fmt: skip
_LABEL_LIKE = {
    "开": "升井", "公": "八", "政": "攻", "府": "俯", "信": "倍", "息": "恳", "申": "中", "请": "清",
    "不": "丕", "予": "子", "提": "捉", "供": "洪", "规": "现", "范": "苑", "未": "末", "项": "顶",
    "处": "外", "理": "埋", "他": "地", "人": "入", "自": "白", "然": "燃", "总": "息", "计": "汁",
}  # fmt: skip


@dataclass
class Ink:
    """One recognised slot: what it truly holds, and whether it is a value cell."""

    slot: Slot
    address: str | None

    def put(self, **changes: object) -> None:
        """Change the slot."""
        self.slot = replace(self.slot, **changes)  # type: ignore[arg-type]


@dataclass
class Scan:
    """A report as recognition hands it on; pieces are paragraphs or tables of inked slots."""

    truth: Truth
    pieces: list[Text | list[Ink]]

    def values(self) -> list[Ink]:
        """Return every value cell."""
        return [x for p in self.pieces if isinstance(p, list) for x in p if x.address]

    def labels(self) -> list[Ink]:
        """Return every other cell with text."""
        return [x for p in self.pieces if isinstance(p, list) for x in p
                if not x.address and x.slot.text]  # fmt: skip

    def blocks(self) -> list[Block]:
        """Return what `compose` takes."""
        return [Grid(tuple(x.slot for x in p)) if isinstance(p, list) else p for p in self.pieces]


def scanned(name: str, seed: int, *, shape: str = "plain") -> Scan:
    """Return the recognised report of a seed with one kind of damage, in one shape of grid."""
    rng = Random(f"{name}{seed}{shape}")
    scan = _recognised(shaped(shape, seed), rng)
    if name != "clean":
        DAMAGES[name](scan, rng)
    return scan


def _recognised(made: Draft, rng: Random) -> Scan:
    pieces: list[Text | list[Ink]] = []
    for piece, block in zip(made.pieces, made.blocks(), strict=True):
        if isinstance(piece, Sheet):
            pieces.append([_ink(b, rng) for b in piece.boxes])
        elif isinstance(block, Text):
            pieces.append(replace(block, page=1, confidence=rng.uniform(0.95, 1)))
    return Scan(made.truth, pieces)


def _ink(box: Box, rng: Random) -> Ink:
    slot = replace(slot_of(box), page=1, bbox=(0.0, 0.0, 1.0, 1.0), confidence=rng.uniform(0.96, 1))
    return Ink(slot, box.address)


# --- digits ---------------------------------------------------------------------------------------


def _confused(text: str, rng: Random) -> str:
    at = [i for i, c in enumerate(text) if c in _LIKE]
    if not at:
        return text
    i = rng.choice(at)
    return text[:i] + rng.choice(_LIKE[text[i]]) + text[i + 1 :]


def doubted_digits(scan: Scan, rng: Random) -> None:
    """Rightly read digits with low confidence and wrong readings beside them."""
    for ink in scan.values():
        if rng.random() < 0.1 and ink.slot.text:
            other = _confused(ink.slot.text, rng)
            ink.put(
                confidence=rng.uniform(0.5, 0.9), alternatives=((other, rng.uniform(0.1, 0.4)),)
            )


def confused_digits(scan: Scan, rng: Random) -> None:
    """Digits read wrongly with low confidence, the right reading among the others."""
    doubted_digits(scan, rng)
    for ink in scan.values():
        text = ink.slot.text
        if rng.random() < 0.03 and text and not ink.slot.alternatives:
            second = ((_confused(text, rng), 0.05),) if rng.random() < 0.3 else ()
            ink.put(
                text=_confused(text, rng), confidence=rng.uniform(0.4, 0.79),
                alternatives=((text, rng.uniform(0.1, 0.4)), *second),
            )  # fmt: skip


def confused_for_good(scan: Scan, rng: Random) -> None:
    """Digits read wrongly with middling confidence and no other reading."""
    for ink in scan.values():
        if rng.random() < 0.01 and ink.slot.text:
            ink.put(text=_confused(ink.slot.text, rng), confidence=rng.uniform(0.4, 0.94))


def confused_and_sure(scan: Scan, rng: Random) -> None:
    """One number of tables three or four read wrongly with the best of confidence."""
    values = [x for x in scan.values() if x.slot.text and not str(x.address).startswith("active")]
    ink = rng.choice(values)
    ink.put(text=_confused(ink.slot.text, rng), confidence=0.99)


def unread_cells(scan: Scan, rng: Random) -> None:
    """Cells with ink that nobody can read: a seal, a stain."""
    for ink in scan.values():
        if rng.random() < 0.03:
            ink.put(text="", unread=True, confidence=rng.uniform(0, 0.4))


def unsure_blanks(scan: Scan, rng: Random) -> None:
    """Cells where recognition found nothing and is not sure that there is nothing."""
    for ink in scan.values():
        if rng.random() < 0.03:
            ink.put(text="", confidence=rng.uniform(0.2, 0.85))


def sure_blanks(scan: Scan, rng: Random) -> None:
    """Cells left empty by the agency, and seen to be empty."""
    chosen = [x for x in scan.values() if rng.random() < 0.03]
    for ink in chosen:
        ink.put(text="", confidence=rng.uniform(0.92, 1))
    scan.truth = scan.truth.with_cells({str(x.address): "blank" for x in chosen})


# --- labels and text ------------------------------------------------------------------------------


def _noisy(text: str, rng: Random, share: float) -> str:
    return "".join(
        rng.choice(("", rng.choice(_LABEL_LIKE.get(c, "口")))) if rng.random() < share else c
        for c in text
    )


def _narrow(text: str) -> str:
    return text.translate(str.maketrans("（）：，“”", '():,""'))


def noisy_labels(scan: Scan, rng: Random) -> None:
    """A twentieth to a fifth of the characters of labels and titles confused or lost."""
    share = rng.uniform(0.03, 0.15)
    for ink in scan.labels():
        text = _narrow(ink.slot.text) if rng.random() < 0.5 else ink.slot.text
        if rng.random() < 0.15:
            text = text.removeprefix("一、").removeprefix("二、").removeprefix("四、")
        ink.put(text=_noisy(text, rng, share) or "口", confidence=rng.uniform(0.5, 0.95))


def noisy_text(scan: Scan, rng: Random) -> None:
    """Zeros of years and dates as letters, 度 as 庋, half-width marks, blanks inside titles."""

    def damaged(text: str) -> str:
        zeros = "OoО0" if "20" in text else "OО○0〇"
        text = re.sub("(?<=[2二])[0〇]", lambda _: rng.choice(zeros), text)
        if rng.random() < 0.3:
            text = text.replace("年度", "年庋")
        return _narrow(text) if rng.random() < 0.5 else text

    for n, piece in enumerate(scan.pieces):
        if isinstance(piece, Text) and (n == 0 or n > len(scan.pieces) - 3):
            scan.pieces[n] = replace(piece, text=damaged(piece.text), confidence=0.9)


# --- walls and losses -----------------------------------------------------------------------------


def missing_walls(scan: Scan, rng: Random) -> None:
    """Two neighbouring value cells become one over both columns."""
    for piece in scan.pieces:
        if not isinstance(piece, list):
            continue
        for left in [x for x in piece if x.address]:
            right = next((x for x in piece if x.address and x.slot.row == left.slot.row
                          and x.slot.column == left.slot.column + left.slot.columns), None)  # fmt: skip
            if right is None or left not in piece or rng.random() > 0.02:
                continue
            gap = rng.choice((" ", " ", "   ", ""))
            left.put(
                text=f"{left.slot.text}{gap}{right.slot.text}", confidence=rng.uniform(0.8, 0.99),
                columns=left.slot.columns + right.slot.columns,
            )  # fmt: skip
            piece.remove(right)


def missing_floors(scan: Scan, rng: Random) -> None:
    """Two value cells, one above the other, become one over both rows."""
    for piece in scan.pieces:
        if not isinstance(piece, list):
            continue
        for upper in [x for x in piece if x.address]:
            lower = next((x for x in piece if x.address and x.slot.column == upper.slot.column
                          and x.slot.row == upper.slot.row + 1), None)  # fmt: skip
            if lower is None or upper not in piece or rng.random() > 0.01:
                continue
            upper.put(text=f"{upper.slot.text}\n{lower.slot.text}", rows=2, confidence=0.95)
            piece.remove(lower)


def false_walls(scan: Scan, rng: Random) -> None:
    """A line that is none parts one value cell: its number in one half or in both."""
    for piece in scan.pieces:
        if not isinstance(piece, list) or rng.random() < 0.3:
            continue
        ink = rng.choice([x for x in piece if x.address])
        column, text = ink.slot.column, ink.slot.text
        for other in piece:
            slot = other.slot
            if slot.column > column:
                other.put(column=slot.column + 1)
            elif other is not ink and slot.column + slot.columns > column:
                other.put(columns=slot.columns + 1)
        at = rng.randint(0, len(text))
        rest = replace(ink.slot, text=text[at:], column=column + 1)
        ink.put(text=text[:at], columns=1)
        piece.append(Ink(rest, None))


def lost_row(scan: Scan, rng: Random) -> None:
    """One row of table three is not there at all."""
    piece = next(p for p in scan.pieces if isinstance(p, list)
                 and any(str(x.address).startswith(T3) for x in p))  # fmt: skip
    row = rng.choice(sorted({x.slot.row for x in piece if x.address}))
    gone = {str(x.address) for x in piece if x.address and x.slot.row == row}
    kept = [x for x in piece if not (x.slot.row == row and x.slot.rows == 1)]
    for ink in kept:
        slot = ink.slot
        if slot.row > row:
            ink.put(row=slot.row - 1)
        elif slot.row + slot.rows > row:
            ink.put(rows=slot.rows - 1, row=slot.row)
    piece[:] = kept
    scan.truth = replace(
        scan.truth, cells={a: "absent" if a in gone else v for a, v in scan.truth.cells.items()}
    )


def lost_column(scan: Scan, rng: Random) -> None:
    """One applicant column is not there: six numbers stand under six titles."""
    piece = next(p for p in scan.pieces if isinstance(p, list)
                 and any(str(x.address).startswith(T3) for x in p))  # fmt: skip
    column = rng.randint(4, 8)
    gone = {str(x.address) for x in piece if x.address and x.slot.column == column}
    kept = [x for x in piece if not (x.slot.column == column and x.slot.columns == 1)]
    for ink in kept:
        slot = ink.slot
        if slot.column > column:
            ink.put(column=slot.column - 1)
        elif slot.column + slot.columns > column:
            ink.put(columns=slot.columns - 1)
    piece[:] = kept
    scan.truth = replace(
        scan.truth, cells={a: "absent" if a in gone else v for a, v in scan.truth.cells.items()}
    )


def several(scan: Scan, rng: Random) -> None:
    """A bad scan: doubts, confusions, noise, walls and stains at once."""
    for damage in (noisy_labels, confused_digits, missing_walls, unread_cells, noisy_text):
        damage(scan, rng)


DAMAGES: dict[str, Callable[[Scan, Random], None]] = {
    f.__name__: f
    for f in (
        doubted_digits, confused_digits, confused_for_good, confused_and_sure, unread_cells,
        unsure_blanks, sure_blanks, noisy_labels, noisy_text, missing_walls, missing_floors,
        false_walls, lost_row, lost_column, several,
    )
}  # fmt: skip
