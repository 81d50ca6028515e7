"""Whatever comes in: a document that holds all of it, or a refusal; and never slowly."""

import re
import time
from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.normalize.core.outcomes import Aids
from services.normalize.core.readers import text
from services.normalize.core.reading import read_document
from shared.errors import BadInput
from tests.services.normalize.reading import found, read
from tests.support.fill import fill
from tests.support.render import LAYOUTS, render

steady = settings(
    derandomize=True, deadline=None, max_examples=150, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
BITS = [
    "规章", "0", "12", "信息内容", "|", "\t", "  ", "\n", "\n\n", "\f", "\r\n", "\u2028", "\u3000", "\u200b", "\x07", "\x0b",
    "政府信息公开工作，全面落实。", "一、总体情况", "行政许可", "本年新", "制作数量", "（七）总计", "其他", "-3-", "/", "U",
    "**一是**", "<u>x</u>", "&nbsp;", "[bookmark: a]", "<br>", "|---|", "+--+", "***", "\\-2", "![x](y)", "# ", "- ", "1. ",
    "a,b,", "规章,0,1\n", "首页 > 公开", "打印", "2021年1月9日", "開請項",
]  # fmt: skip
MARKS_OF_TABLES = re.compile(r"</?(?:table|thead|tbody|tr|td|th)\b[^<>]*>")


def counted(text: str) -> Counter[str]:
    return Counter(c for c in MARKS_OF_TABLES.sub("", text) if c.isalnum())


@st.composite
def spoilt_reports(draw: st.DrawFn) -> str:
    rng = Random(draw(st.integers(0, 10**6)))
    layout = draw(st.sampled_from(LAYOUTS))
    lines = render(fill(rng.randrange(1000)), layout, rng, encoding="utf-8").text.split("\n")
    for extra in draw(st.lists(st.lists(st.sampled_from(BITS), max_size=5), max_size=6)):
        lines.insert(rng.randrange(len(lines)), "".join(extra))
    return "\n".join(lines)


@steady
@given(st.lists(st.sampled_from(BITS), min_size=1, max_size=60).map("".join) | spoilt_reports())
def test_nothing_that_stands_in_the_text_is_thrown_away(text: str) -> None:
    try:
        document = read(text)
    except BadInput:
        # nothing but blanks and residue: refused, which says so
        return

    assert not counted(text) - found(document)


@steady
@given(
    st.binary(max_size=400)
    | st.text(max_size=300).map(str.encode)
    | st.text(max_size=200).map(lambda t: t.encode("utf-16"))
)
def test_any_bytes_give_a_document_or_a_refusal(data: bytes) -> None:
    try:
        document = read_document(data, "a.txt")
    except BadInput:
        return

    assert document.blocks or document.furniture


@pytest.mark.parametrize(
    "piece",
    [
        "\n", "\t", "\t\n", "|", "a|b|c\n", "a\n|\n", "0\n", "0\n\n", "规章  0  0  0\n", "规章\n", "信息内容\n规章\n0\n", "**", "[",
        "&amp;", "<u ", "<table><tr><td>", "\t规章\n\t0\n\n", "政府信息公开工作，\n", "0 ", "- - -\n", "a,b,c\n", "0\f", "文(wen)",
        "首页>a", "打印大中小", 'HYPERLINK "', "+--+--+\n| a | b |\n", "政府信息公開請項目規總辦務\n", "<td colspan=40 rowspan=99>0",
    ],
)  # fmt: skip
def test_reading_time_grows_with_the_length_only(piece: str) -> None:
    def seconds(size: int) -> float:
        data = ("<table>规章\n" + piece * (size // len(piece))).encode()
        begun = time.process_time()
        text.read(data, "a.txt", Aids())
        return time.process_time() - begun

    # the quickest of three: other tests' objects are collected during some of them
    small, large = (min(seconds(size) for _ in range(3)) for size in (10_000, 80_000))

    # eight times the text: a quadratic step would take 64 times as long
    assert large < 30 * small + 0.2
