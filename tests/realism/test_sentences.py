"""Sentences of officials beside tables: the right ones raise nothing, the wrong ones are found."""

import tomllib
from pathlib import Path

import pytest

from services.pipeline import process

HERE = Path(__file__).parent
SENTENCES = tomllib.loads((HERE / "sentences.toml").read_text(encoding="utf-8"))
SEVERE = ("error", "warning")


def severe(sentence: str, bureau: str = "bureau.txt") -> list[str]:
    text = (HERE / bureau).read_text(encoding="utf-8").replace("@@", sentence)
    found = process(text.encode(), "report.txt").judgement.issues
    return [i.rule for i in found if i.severity in SEVERE]


@pytest.mark.parametrize("sentence", SENTENCES["right"])
def test_a_right_sentence_raises_nothing(sentence):
    assert severe(sentence) == []


@pytest.mark.parametrize("sentence", SENTENCES["right_beside_zeros"])
def test_a_right_sentence_beside_zeros_raises_nothing(sentence):
    assert severe(sentence, "bureau_of_zeros.txt") == []


@pytest.mark.parametrize("sentence", SENTENCES["right_in_a_roll_up"])
def test_a_right_sentence_in_a_roll_up_raises_nothing(sentence):
    assert severe(sentence, "county.txt") == []


@pytest.mark.parametrize("wrong", SENTENCES["wrong"], ids=lambda w: f"{w['rule']}: {w['text']}")
def test_a_wrong_sentence_is_found(wrong):
    assert set(severe(wrong["text"])) == {wrong["rule"]}
