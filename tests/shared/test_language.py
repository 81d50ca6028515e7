"""In which language gouji speaks: what is asked for, else what the locale says."""

import os
import subprocess
import sys

import pytest
from faststream import FastStream

from shared.language import BadLanguage, chosen, spoken, worded
from shared.runtime.process import assembled


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_what_is_asked_for_goes_before_the_locale(language):
    assert chosen({"GOUJI_LANGUAGE": language, "LC_ALL": "de_DE.UTF-8"}) == language


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("zh_CN.UTF-8", "zh"),
        ("zh_TW", "zh"),
        ("zh", "zh"),
        ("zh_SG@pinyin", "zh"),
        ("ZH_cn.gb18030", "zh"),
        ("en_US.UTF-8", "en"),
        ("de_DE@euro", "en"),
        ("zha", "en"),
        ("C", "both"),
        ("C.UTF-8", "both"),
        ("POSIX", "both"),
        ("", "both"),
    ],
)
def test_the_locale_decides_where_nothing_is_asked_for(locale, language):
    assert chosen({"LANG": locale}) == language
    assert chosen({"LANG": locale, "GOUJI_LANGUAGE": ""}) == language


def test_the_variables_of_the_locale_count_in_the_order_of_posix():
    every = {"LC_ALL": "zh_CN", "LC_MESSAGES": "en_US", "LANG": "C"}
    assert chosen(every) == "zh"
    assert chosen({**every, "LC_ALL": ""}) == "en"
    assert chosen({"LANG": "zh_CN"}) == "zh"
    assert chosen({**every, "LC_ALL": "C"}) == "both"


def test_no_locale_at_all_is_both():
    assert chosen({}) == "both"


@pytest.mark.parametrize("language", ["fr", "ZH", "zh_CN", " zh"])
def test_another_language_is_refused_with_what_is_allowed(language):
    with pytest.raises(BadLanguage) as caught:
        chosen({"GOUJI_LANGUAGE": language})
    for told in ("GOUJI_LANGUAGE", repr(language), "zh | en | both"):
        assert told in str(caught.value)


def test_a_text_is_said_in_the_language_wanted():
    assert worded("zh", "好", "good") == "好"
    assert worded("en", "好", "good") == "good"
    assert worded("both", "好", "good", " / ") == "好 / good"


def test_the_suite_speaks_both_languages_whatever_the_machine_does():
    assert spoken("好", "good") == "好 · good"


def test_no_command_runs_in_a_language_that_gouji_does_not_speak():
    ended = told_by("-m", "services.cli", "version", GOUJI_LANGUAGE="fr")
    assert ended.returncode == 2
    assert ended.stderr == "gouji: GOUJI_LANGUAGE='fr': 须为 must be zh | en | both\n"
    assert ended.stdout == ""


def test_no_service_starts_in_a_language_that_gouji_does_not_speak(monkeypatch, capsys):
    monkeypatch.setenv("GOUJI_LANGUAGE", "fr")
    with pytest.raises(SystemExit) as ended:
        assembled(FastStream)
    assert ended.value.code == 2
    assert "GOUJI_LANGUAGE='fr'" in capsys.readouterr().err


def test_a_bad_setting_is_told_of_in_the_language_of_the_locale():
    wrong = {"GOUJI_LOOPS": "none", "GOUJI_LANGUAGE": "", "LC_ALL": ""}
    load = ("-c", "from shared.runtime.settings import Settings; Settings()")
    told = told_by(*load, **wrong, LC_MESSAGES="", LANG="zh_CN.UTF-8")
    assert told.stderr.endswith("BadSetting: GOUJI_LOOPS='none': 须为 整数 (≥ 1, ≤ 64)\n")
    told = told_by(*load, **wrong, LC_MESSAGES="en_GB.UTF-8", LANG="zh_CN.UTF-8")
    assert told.stderr.endswith("GOUJI_LOOPS='none': must be a whole number (≥ 1, ≤ 64)\n")


def told_by(*typed: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *typed],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
