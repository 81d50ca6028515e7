"""Copies are alike whatever names, years and figures they carry; texts of one's own are not."""

import re
import subprocess
import sys
import time
from itertools import combinations
from pathlib import Path
from random import Random

import pytest
from rapidfuzz import fuzz

from services.pipeline import process
from shared.report import likeness
from shared.report.likeness import essence, marks_of, passages_of
from shared.report.record import Identity, Record, Region, Section
from tests.support.essays import essay, reworded

_HERE = Region("江东省", "云州市", "清河县")
_THERE = Region("海西省", "白沙市", "石桥区", "柳林街道")
_BUREAU = Identity(
    agency="江东省云州市清河县财政局", agency_as_printed="清河县财政局", region=_HERE, year=2023
)
_OFFICE = Identity(agency="白沙市石桥区人民政府柳林街道办事处", region=_THERE, kind="subdistrict_office", year=2024)  # fmt: skip
_EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.[tm][xd][td]"))


def _record(one: str, five: str = "", who: Identity = _BUREAU) -> Record:
    sections = (Section(1, "", "", one), Section(5, "", "", five))
    return Record("d", "f", who, None, {}, (), sections, (), (), (), ())


def _alike(first: Record, second: Record, section: int = 1) -> float:
    return fuzz.ratio(essence(first).get(section, ""), essence(second).get(section, "")) / 100


def _share(first: Record, second: Record, section: int = 1) -> bool:
    found = [set(marks_of(r).get(section, ())) for r in (first, second)]
    return not found[0].isdisjoint(found[1])


def _taken_over(text: str) -> str:
    """The text of the bureau as the sub-district hands it in."""
    for own, other in (
        ("清河县财政局", "柳林街道办事处"),
        ("我局", "我街道"),
        ("清河县", "石桥区"),
        ("县委", "区委"),
        ("2023", "2024"),
    ):
        text = text.replace(own, other)
    return re.sub(r"\d+份", "十五份", text)


def _told(rng: Random, length: int) -> str:
    return "2023年，清河县财政局在县委领导下开展工作。" + essay(rng, length).replace(
        "办公室", "我局办公室"
    )


@pytest.mark.parametrize("seed", range(10))
def test_a_text_taken_over_with_other_names_years_and_figures_is_the_same(seed: int) -> None:
    text = _told(Random(seed), 600)
    ours, theirs = _record(text), _record(_taken_over(text), who=_OFFICE)
    assert _alike(ours, theirs) > 0.97
    assert _share(ours, theirs)


def test_the_body_and_its_places_are_masked_in_full_and_in_short() -> None:
    ours = "清河县财政局张贴名单，江东省云州市通报，清河在列；江东财政公布。"
    theirs = "柳林街道办事处张贴名单，海西省白沙市通报，石桥在列；海西财政公布。"
    assert essence(_record(ours)) == essence(_record(theirs, who=_OFFICE))
    assert essence(_record(theirs, who=_OFFICE)) != essence(_record(theirs))


def test_figures_in_words_and_in_digits_are_alike() -> None:
    first = _record("共答复来信1,204封，满意率达到百分之九十五")
    assert essence(first) == essence(_record("共答复来信三百一十封，满意率达到97.3%"))


def test_spaces_marks_and_traditional_characters_make_no_difference() -> None:
    plain = "逐项核对征地补偿方案，方便群众查找；汇编成册。"
    spaced = "逐 项 核 對\u3000征地補償方案,方便羣眾查找;**汇编成册**"
    assert essence(_record(plain)) == essence(_record(spaced))


def test_what_the_form_and_the_law_put_into_every_report_is_left_out() -> None:
    common = (
        "清河县财政局根据《中华人民共和国政府信息公开条例》编制本报告。"
        "本报告由总体情况、主动公开政府信息情况等六个部分组成。统计期限自2023年1月1日起至12月31日止。"
        "2023年未收到政府信息公开申请，未发生行政复议和行政诉讼。如对本报告有疑问，请与我局办公室联系，联系电话0512-55550101。"
    )
    assert essence(_record(common))[1] == ""
    assert marks_of(_record(common, "无。")) == {}


def test_a_short_text_has_no_marks() -> None:
    assert marks_of(_record("加强学习，提升业务水平。")) == {}


def test_the_sentences_keep_what_is_printed() -> None:
    (first, second) = passages_of(
        _record("我局张贴了 12 份公告。\n采购合同上墙公示；未收到申请。")
    )[1]
    assert first.printed == "我局张贴了 12 份公告"
    assert second.printed == "采购合同上墙公示"


def test_sections_are_told_apart() -> None:
    text = _told(Random(3), 400)
    marks = marks_of(_record(text, text))
    assert set(marks) == {1, 5}
    assert set(marks[1]).isdisjoint(marks[5])


@pytest.mark.parametrize("length", [300, 900, 2500])
def test_texts_of_ones_own_are_unlike_and_hardly_ever_share_a_mark(length: int) -> None:
    records = [_record(_told(Random(f"{length}:{n}"), length)) for n in range(50)]
    pairs = list(combinations(records, 2))
    assert max(_alike(a, b) for a, b in pairs[::9]) < 0.7
    marks = [set(marks_of(r)[1]) for r in records]
    shared = sum(not a.isdisjoint(b) for a, b in combinations(marks, 2))
    assert shared / len(pairs) < 0.02


@pytest.mark.parametrize("length", [300, 900, 2500])
def test_texts_just_alike_enough_share_a_mark(length: int) -> None:
    found = 0
    for seed in range(100):
        rng = Random(f"{length}:{seed}")
        text = essay(rng, length)
        found += _share(_record(text), _record(reworded(rng, text, 0.9)))
    assert found >= 99


def test_the_examples_are_unlike_each_other() -> None:
    records = [
        r for p in _EXAMPLES[:6] if (r := process(p.read_bytes(), p.name).record) is not None
    ]
    assert len(records) >= 4
    for first, second in combinations(records, 2):
        assert _alike(first, second) < 0.9


def test_marks_are_the_same_in_every_process() -> None:
    code = (
        "from tests.shared.test_likeness import _record, _told; from random import Random;"
        "from shared.report.likeness import marks_of; print(marks_of(_record(_told(Random(1), 500))))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert runs == {f"{marks_of(_record(_told(Random(1), 500)))}\n"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\n",
        "。" * 50_000,
        "0" * 300_000,
        "我局" * 100_000,
        "\ud800" * 200,
        "一二三" * 99_999,
    ],
)
def test_odd_texts_are_taken_in_time(text: str) -> None:
    started = time.perf_counter()
    record = _record(text, text)
    essence(record)
    marks_of(record)
    assert time.perf_counter() - started < 0.5


def test_sections_that_are_not_there_have_nothing() -> None:
    bare = Record("d", "f", Identity(), None, {}, (), (), (), (), (), ())
    assert essence(bare) == marks_of(bare) == passages_of(bare) == {}
    assert likeness.COPIED_SECTIONS == (1, 5)
