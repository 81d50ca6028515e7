"""What the whole command line says in one language: nothing of the other, but what reports and forms hold."""

import json
import os
import re
import subprocess
import sys
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from services.cli import COMMANDS
from shared import forms

ROOT = Path(__file__).resolve().parents[3]
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
ENGLISH = re.compile(r"\b[a-z]+(?: [a-z]+){2,}\b")
WORDS_OF_DATA = {"元", "万元", "浙江", "杭州市", "无此地"}
"""Units of money in the form, names of places as a person types them."""
TYPER = (
    "Show this message and exit.",
    "Install completion for the current shell.",
    "Show completion for the current shell, to copy it or",
    "customize the installation.",
)
"""The library of the command line says these itself, in English only."""
FIELDS_OF_BOTH = ("legal basis", "依据")
"""Fields of a rule that are one text for both languages."""
EVIDENCE_OF_BOTH = "e_one_cell_per_line"
"""A finding that quotes what the reader noted, in both languages."""
FIELDS_OF_THE_FORM = ("at", "formula", "expected", *FIELDS_OF_BOTH)
"""Fields that quote the labels of the form, which are Chinese."""


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory):
    """What is said on the way through all commands, by language and by what was typed."""
    return {
        language: walked(language, tmp_path_factory.mktemp(language)) for language in ("zh", "en")
    }


def walked(language: str, folder: Path) -> dict[str, str]:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.support.languages", folder],
        cwd=ROOT,
        env={**os.environ, "GOUJI_LANGUAGE": language, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ended.stdout)


@cache
def content() -> str:
    """What the example reports hold, and the labels of the forms."""
    reports = [path.read_bytes() for path in (ROOT / "examples").glob("[0-9]*")]
    texts = [data.decode("utf-8", "ignore") + data.decode("gb18030", "ignore") for data in reports]
    labels = chain.from_iterable(form.model_dump_json() for form in forms.editions())
    return re.sub(r"\s", "", "".join((*texts, *labels)))


def field_of(line: str) -> str:
    return line.strip().partition(":")[0]


def strange_chinese(typed: str, line: str) -> list[str]:
    """The Chinese of a line that is neither of a report nor of the form."""
    if EVIDENCE_OF_BOTH in line or field_of(line) in FIELDS_OF_THE_FORM:
        return []
    if re.match(r"\s+20\d\d（\d+）: ", line):
        return []
    found = [words for words in CHINESE.findall(line) if words not in WORDS_OF_DATA]
    if typed.startswith(("check", "explain")):
        found = [words for words in found if words not in content()]
    return found


def strange_english(line: str) -> list[str]:
    """The English of a line that is a sentence, and not one of Typer's."""
    if field_of(line) in FIELDS_OF_BOTH or any(own in line for own in TYPER):
        return []
    return ENGLISH.findall(line)


def lines_of(said: dict[str, str]):
    return [(typed, line) for typed, text in said.items() for line in text.splitlines()]


def test_in_english_nothing_is_chinese_but_what_reports_and_forms_hold(walk):
    strange = [(t, line) for t, line in lines_of(walk["en"]) if strange_chinese(t, line)]
    assert strange == []


def test_in_chinese_no_sentence_is_english(walk):
    strange = [(t, line) for t, line in lines_of(walk["zh"]) if strange_english(line)]
    assert strange == []


def test_every_command_explains_itself_in_the_language_of_the_reader(walk):
    for name in COMMANDS:
        assert CHINESE.search(walk["zh"][f"{name} --help"]), name
        assert ENGLISH.search(walk["en"][f"{name} --help"]), name


def test_a_faulty_report_is_told_of_in_whole_sentences(walk):
    typed = next(typed for typed in walk["zh"] if "04_sums" in typed)
    chinese, english = walk["zh"][typed], walk["en"][typed]
    assert "错误  t3_outcome_total  表三（申请办理）“总计”列：各项办理结果之和应等于" in chinese
    assert (
        "error  t3_outcome_total  table three (applications), column total: the outcomes" in english
    )
    assert "应为: 28   实为: 19   差: -9" in chinese
    assert "expected: 28   observed: 19   difference: -9" in english
    assert "建议: 将“4.保护第三方合法权益·总计”由 9 改为 0，可使 2 个等式成立\n" in chinese
    assert "suggestion: changing denied: third party · total from 9 to 0 mends 2" in english
    assert "✔ 已入库  " in chinese
    assert "✔ recorded  " in english


def test_a_message_keeps_what_was_typed_and_what_is_allowed_in_either_language(walk):
    typed = "export --year then --data FOLDER"
    assert walk["zh"][typed] == "gouji: --year 'then': 应为一个年度或一段年度: 2021, 2019-2025"
    assert walk["en"][typed] == "gouji: --year 'then': want a year or a range: 2021, 2019-2025"
