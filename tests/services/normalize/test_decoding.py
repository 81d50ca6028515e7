"""Bytes to characters: every encoding offices wrote with, damage, and what is refused."""

import pytest

from services.normalize.core.readers.text import LARGEST_TEXT, LONGEST_TEXT
from services.normalize.core.reading import read_document
from shared.errors import BadInput
from tests.services.normalize.reading import paragraphs, read, rows, rules

TEXT = "某局2020年政府信息公开工作年度报告\n规章\t0\t1\t2\n规范性文件\t3\t4\t5\n"
TABLE = "规章\t0\t1\t2\n规范性文件\t3\t4\t5\n"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
@pytest.mark.parametrize("text", [TEXT, TABLE], ids=["report", "table"])
@pytest.mark.parametrize("feed", ["\n", "\r\n", "\r", "\u2028"])
def test_an_encoding_changes_nothing(encoding: str, text: str, feed: str) -> None:
    # GBK has no line separator of its own
    feed = "\n" if (feed, encoding) == ("\u2028", "gbk") else feed

    document = read_document(text.replace("\n", feed).encode(encoding), "a.txt")

    assert rows(document) == [["规章", "0", "1", "2"], ["规范性文件", "3", "4", "5"]]
    assert not document.observations


def test_a_big5_mirror_is_decoded_and_converted() -> None:
    text = "某局2020年政府資訊公開工作年度報告\n開展申請項目，請見規章總計。\n"

    document = read_document(text.encode("big5"), "a.txt")

    assert paragraphs(document) == [
        "某局2020年政府信息公开工作年度报告",
        "开展申请项目，请见规章总计。",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_few_damaged_bytes_are_replaced_and_reported(encoding: str) -> None:
    data = bytearray((TEXT * 3).encode(encoding))
    data[4] = 0xFF

    document = read_document(bytes(data), "a.txt")

    assert rows(document)[0] == ["规章", "0", "1", "2"]
    assert rules(document) == {"e_mirror_damage"}


def test_a_file_cut_inside_a_character_is_read() -> None:
    document = read_document(TEXT.encode() + "政".encode()[:2], "a.txt")

    assert len(rows(document)) == 2
    assert rules(document) == {"e_mirror_damage"}


@pytest.mark.parametrize("wrong", ["gb18030", "latin-1"])
def test_text_saved_after_a_wrong_decoding_is_restored(wrong: str) -> None:
    text = (
        "某局2020年政府信息公开工作年度报告，主动公开政府信息情况，申请数量总计。\n规章\t0\t1\t2\n"
    )

    document = read_document(text.encode().decode(wrong, "replace").encode(), "a.txt")

    # what the wrong decoding lost stays lost, figures do not
    assert "政府信息公" in paragraphs(document)[0]
    assert rows(document) == [["规章", "0", "1", "2"]]
    assert rules(document) == {"e_mirror_damage"}


def test_stray_zero_bytes_are_padding() -> None:
    document = read_document(((TEXT + "\n") * 5).encode() + b"\x00\x00", "a.txt")

    assert len(rows(document)) == 10
    assert rules(document) == {"e_mirror_damage"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t\r\n", "empty"),
        ("\u3000\n\u00a0\n".encode(), "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x13PAGE\x15\n"[:0] + b"\x14\n", "empty"),
        (bytes(range(256)) * 40, "binary"),
        (b"\x00" * 5000 + b"abc", "binary"),
        (bytes((i * 7919 + 13) % 129 + 127 for i in range(3000)), "undecodable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "broken"),
        (b"SQLite format 3\x00....", "unsupported_format"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "unsupported_format"),
        (b"<?xml version='1.0'?><a/>", "unsupported_format"),
        (b"a" * (LARGEST_TEXT + 1), "too_large"),
        (b"a\n" * (LONGEST_TEXT // 2 + 1), "too_large"),
    ],
    ids=lambda v: v if isinstance(v, str) else repr(v[:12]),
)
def test_what_is_no_text_is_refused_with_a_reason_naming_the_file(data: bytes, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_document(data, "年报.txt")

    assert refused.value.reason == reason
    assert "年报.txt" in refused.value.detail_zh
    assert "年报.txt" in refused.value.detail_en


def test_a_suffix_lies_less_than_the_bytes() -> None:
    assert rows(read_document(TEXT.encode(), "report.pdf")) == rows(read(TEXT))


def test_a_town_keeps_the_character_of_its_name_in_a_traditional_copy():
    from services.normalize.core.script import to_simplified

    assert to_simplified("濛江鎮人民政府開展工作") == "濛江镇人民政府开展工作"
