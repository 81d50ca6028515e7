"""Failures are chosen by subject, headers and body; nonsense is answered, not searched for."""

import pytest
import typer

from services.commands.reaching.following import Told
from services.commands.reaching.sifting import sieve
from tests.support.processes import gouji

HEADERS = {"ce-severity": "error", "ce-rule": "t3_balance", "ce-origin": "source",
           "ce-regioncode": "330106", "ce-year": "2024", "ce-agencylevel": "county"}  # fmt: skip
BODY = {
    "agency": "杭州市西湖区教育局",
    "region": {"province": "浙江省", "city": "杭州市", "county": "西湖区", "code": "330106"},
}
TOLD = Told("gouji.v1.issue.error.t3_balance", 1, BODY, HEADERS)


def asked(region=(), years=(), agency=(), **others):
    return sieve(region, years, agency, **others)


def test_severities_and_rules_are_left_to_the_bus():
    assert asked().subjects == ("gouji.v1.issue.*.*",)
    assert asked(severities=["error"], rules=["a", "b"]).subjects == (
        "gouji.v1.issue.error.a",
        "gouji.v1.issue.error.b",
    )


@pytest.mark.parametrize(
    ("options", "through"),
    [
        ({}, True),
        ({"region": ["33"]}, True),
        ({"region": ["330000"]}, True),
        ({"region": ["34"]}, False),
        ({"region": ["34", "33"]}, True),
        ({"region": ["西湖"]}, True),
        ({"region": ["杭州市西湖区"]}, True),
        ({"region": ["宁波"]}, False),
        ({"region": ["宁波", "3301"]}, True),
        ({"years": ["2023", "2024"]}, True),
        ({"years": ["2023"]}, False),
        ({"levels": ["county"]}, True),
        ({"levels": ["province"]}, False),
        ({"origins": ["source", "unknown"]}, True),
        ({"origins": ["extraction"]}, False),
        ({"agency": ["教育局"]}, True),
        ({"agency": ["财政局"]}, False),
        ({"agency": ["教育局"], "years": ["2023"]}, False),
    ],
)
def test_a_failure_is_shown_when_all_kinds_of_wishes_are_met(options, through):
    assert asked(**options).lets_through(TOLD) is through


def test_what_says_nothing_meets_no_wish():
    bare = Told("gouji.v1.issue.error.x", 1, {}, {})

    assert asked().lets_through(bare)
    for wish in ({"region": ["33"]}, {"region": ["西湖"]}, {"years": ["2024"]}, {"agency": ["局"]}):
        assert not asked(**wish).lets_through(bare)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"severities": ["fatal"]}, "--severity: 未知 'fatal'"),
        ({"rules": ["t3.balance"]}, "--rule: 't3.balance' 不是规则编号"),
        ({"rules": ["*"]}, "--rule"),
        ({"years": ["24"]}, "--year: 24 不是年度"),
        ({"years": ["今年"]}, "--year: '今年' 不是年度"),
        ({"levels": ["city"]}, "--level: 未知 'city'"),
        ({"origins": ["us"]}, "--origin: 未知 'us'"),
        ({"region": ["3"]}, "--region: '3' 不是区划代码"),
        ({"region": [" "]}, "不得为空 · must not be empty"),
        ({"agency": [""]}, "不得为空 · must not be empty"),
    ],
)
def test_nonsense_is_answered_in_both_languages(options, said):
    with pytest.raises(typer.BadParameter) as caught:
        asked(**options)

    assert said in str(caught.value)
    assert " · " in str(caught.value)


def test_the_command_answers_nonsense_before_it_looks_for_a_bus(tmp_path):
    ended = gouji("failures", "--level", "city", "--since", "2h", cwd=tmp_path)

    assert ended.returncode == 2
    assert "--level: 未知 'city'" in ended.stderr


def test_up_does_not_start_with_a_faulty_file_of_webhooks(tmp_path):
    (tmp_path / "hooks.toml").write_text("[[webhooks]]\nname = 'a'\n")

    ended = gouji("up", "--webhooks", "hooks.toml", cwd=tmp_path)

    assert ended.returncode == 2
    assert "hooks.toml: [[webhooks]] 1 (a): url: 缺少 · is missing" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "data" / "nats").exists()


def test_what_holds_no_more_is_asked_for_under_subjects_of_its_own():
    wanted = sieve((), (), (), severities=["error"], rules=["t3_balance"], levels=(), origins=())
    assert wanted.subjects == ("gouji.v1.issue.error.t3_balance",)
    assert wanted.gone_subjects == ("gouji.v1.gone.error.t3_balance",)
