"""Which characters do the bytes mean? Strict decoders first, then the one with the most field words.

A wrong guess never wins silently: a candidate must show the words of the field or be valid
UTF-8, and every repaired or replaced character is reported.
"""

import codecs
import re
from dataclasses import dataclass

from shared.errors import BadInput

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORDS = (
    "政府", "信息", "公开", "情况", "年度", "行政", "工作", "数量", "申请", "规章", "总计", "处理", "结果",
    "資訊", "信息公開", "公開", "情況", "數量", "申請", "規章", "總計", "處理", "結果",
)  # fmt: skip
_SAMPLE = 65_536
_LOST = "\ufffd"
# Word text dumps use 07 (cell), 0B (line), 0C (page), 13-15 (fields), 1E/1F (hyphens)
_TEXT_CONTROLS = frozenset(b"\x07\t\n\x0b\x0c\r\x13\x14\x15\x1a\x1e\x1f")
_JUNK = bytes(b for b in range(32) if b not in _TEXT_CONTROLS) + b"\x7f"
_LATIN = re.compile("[\u0080-\u00ff\u0152-\u2122]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with the encoding that gave it; `damage` says what was replaced or repaired."""

    text: str
    encoding: str
    damage: str | None = None


def decode(data: bytes, name: str) -> Decoded:
    """Return the text of `data`; raises BadInput "binary" or "undecodable"."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _with_replacement(data, encoding)
    if b"\x00" in data:
        return _with_zeros(data, name)
    _refuse_junk(data, name)
    try:
        return _unspoil(Decoded(data.decode("utf-8"), "utf-8"))
    except UnicodeDecodeError:
        return _best_guess(data, name)


def field_words(text: str) -> int:
    """Count words of the field at the beginning of `text`."""
    sample = text[:_SAMPLE]
    return sum(sample.count(word) for word in _WORDS)


def _refuse_junk(data: bytes, name: str) -> None:
    sample = data[:_SAMPLE]
    junk = len(sample) - len(sample.translate(None, _JUNK))
    if junk > 2 and junk * 100 > len(sample):
        raise BadInput(
            "binary", f"“{name}”不是文本，而是二进制内容。", f"{name!r} is binary data, not text."
        )


def _with_replacement(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace")
    lost = text.count(_LOST)
    return Decoded(text, encoding, f"{_LOST} ×{lost}" if lost else None)


def _with_zeros(data: bytes, name: str) -> Decoded:
    """UTF-16 without mark shows zeros beside every ASCII character; stray zeros are padding."""
    candidates = [_with_replacement(data, e) for e in ("utf-16-le", "utf-16-be")]
    best = max(candidates, key=lambda c: (field_words(c.text), _looks_chinese(c.text)))
    zeros = data.count(0)
    # every figure, tab and line end of UTF-16 brings a zero
    is_wide = best.damage is None and zeros * 50 > len(data) and _looks_chinese(best.text)
    if field_words(best.text) >= 2 or is_wide:
        return best
    without = data.replace(b"\x00", b"")
    if zeros * 20 > len(data) or not without:
        raise BadInput(
            "binary", f"“{name}”不是文本，而是二进制内容。", f"{name!r} is binary data, not text."
        )
    inner = decode(without, name)
    return Decoded(
        inner.text, inner.encoding, "; ".join(filter(None, (f"NUL ×{zeros}", inner.damage)))
    )


def _best_guess(data: bytes, name: str) -> Decoded:
    """Try what Chinese offices wrote with; damaged UTF-8 and damaged GBK compete on equal terms."""
    if (plain := _undamaged_gb(data)) is not None:
        return plain
    candidates = [_with_replacement(data, e) for e in ("utf-8", "gb18030", "big5hkscs")]
    scored = [(field_words(c.text), -c.text[:_SAMPLE].count(_LOST), c) for c in candidates]
    words, lost, best = max(scored, key=lambda s: s[:2])
    if words == 0 and not _plausible(best):
        raise BadInput(
            "undecodable",
            f"无法识别“{name}”的文字编码。",
            f"The character encoding of {name!r} could not be recognised.",
        )
    if -lost * 10 > min(len(best.text), _SAMPLE):
        raise BadInput(
            "undecodable",
            f"“{name}”的文字损坏过多，无法读取。",
            f"Too many characters of {name!r} are damaged to read it.",
        )
    return best


def _undamaged_gb(data: bytes) -> Decoded | None:
    """Return the commonest case at once: every byte is GB18030, and it says what reports say."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return Decoded(text, "gb18030") if "政府" in text and "信息" in text else None


def _plausible(best: Decoded) -> bool:
    """Without field words only a nearly clean decoding passes."""
    if best.damage is None:
        return _looks_chinese(best.text)
    return best.encoding == "utf-8" and best.text.count(_LOST) * 50 <= len(best.text)


def _looks_chinese(text: str) -> bool:
    """Tell whether nearly all characters beyond Latin are Chinese ones."""
    wide = [c for c in text[:_SAMPLE] if c > "\u00ff"]
    common = sum(
        "\u4e00" <= c <= "\u9fff" or "\u2000" <= c <= "\u301f" or c > "\uff00" for c in wide
    )
    return bool(wide) and common * 10 >= len(wide) * 9


def _unspoil(decoded: Decoded) -> Decoded:
    """Undo one wrong decoding before saving (UTF-8 read as GBK, GBK or UTF-8 read as Latin-1)."""
    sample = decoded.text[:_SAMPLE]
    if "政府" in sample or sample.isascii() or field_words(sample) > 0:
        return decoded
    spoilt = ("gb18030",) if not _LATIN.search(sample) else ("latin-1", "cp1252", "gb18030")
    best, score = decoded, 2
    for wrong in spoilt:
        back = decoded.text.replace(_LOST, "?").encode(wrong, "replace")
        for right in ("utf-8", "gb18030"):
            if right == wrong:
                continue
            text = back.decode(right, "replace")
            words = field_words(text)
            if words > score:
                score = words
                best = Decoded(
                    text, right, f"{right} → {wrong} → utf-8, {_LOST} ×{text.count(_LOST)}"
                )
    return best
