"""Amounts of money: the printed value stays, yuan stand beside it where the unit is known."""

from decimal import Decimal
from typing import Final

from shared.report.record import LARGEST, Number

YUAN_OF_UNIT: Final = {
    "元": 1,
    "百元": 100,
    "千元": 1_000,
    "万元": 10_000,
    "百万元": 1_000_000,
    "千万元": 10_000_000,
    "亿元": 100_000_000,
}


def yuan(value: Number | None, unit: str | None) -> Number | None:
    """Return the amount in 元, exactly as printed (63.2 万元 = 632000).

    None without a known unit, and for more than may travel: nobody has so much.
    """
    factor = YUAN_OF_UNIT.get(unit) if unit is not None else None
    if factor is None or value is None:
        return None
    exact = Decimal(str(value)) * factor
    if abs(exact) > LARGEST:
        return None
    return int(exact) if exact == exact.to_integral_value() else float(exact)
