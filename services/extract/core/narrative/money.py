"""Say which amount of money a clause states: the processing fee, administrative fees, or none of them."""

import re
from typing import Final

from shared.report import quantities as q

MONEY: Final = frozenset({"元", "万元", "亿元"})
"""Units of money."""
_FEE_CASES: Final = re.compile(r"信息处理费[^，,。；;]{0,16}件$")
_NOT_TAKEN: Final = re.compile(r"免收|减免|免除|豁免|退还|退回|应收|标准")


def money_key(words: str, sentence: str) -> str | None:
    """Return the quantity of an amount; `words` is its clause with `#`, `sentence` what stands before."""
    if _NOT_TAKEN.search(words):
        return None
    # 收取信息处理费25件2950元: the amount stands right behind the number of cases
    beside = words.startswith("#") and _FEE_CASES.search(sentence) is not None
    if "信息处理费" in words or beside:
        return q.PROCESSING_FEE
    return q.FEES if "行政事业性收费" in words else None
