"""A file of webhooks is taken whole, or refused with everything that is wrong with it."""

import os
import subprocess
import sys

import pytest

from services.notify.adapters.files import load
from services.notify.core.faults import FaultyWebhooks
from services.notify.core.readers import region_prefix
from services.notify.core.webhooks import subjects, wants

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
GOOD = """
[[webhooks]]
name = "desk"
url = "https://example.org/hook?token=t0ken"
secret_file = "desk.secret"
events = ["issue"]
"""


def faults_of(path):
    with pytest.raises(FaultyWebhooks) as caught:
        load(path)
    return str(caught.value)


def test_a_small_entry_is_enough(write):
    (webhook,) = load(write(GOOD))

    assert (webhook.name, webhook.timeout, dict(webhook.headers)) == ("desk", 10.0, {})
    assert subjects(webhook) == ("gouji.v1.issue.*.*",)


def test_every_key_is_understood(write, monkeypatch):
    monkeypatch.setenv("NEW_SECRET", "a raw secret of any text")
    text = (
        GOOD
        + """
severities = ["error", "warning"]
rules = ["t3_balance", "t3_balance"]
origins = ["source"]
regions = ["330000", "3301"]
years = [2024]
levels = ["county"]
timeout = 2.5
secret_env = "NEW_SECRET"
headers = { Authorization = "Bearer abc" }
"""
    )
    (webhook,) = load(write(text))

    assert subjects(webhook) == (
        "gouji.v1.issue.error.t3_balance",
        "gouji.v1.issue.warning.t3_balance",
    )
    assert webhook.wanted["regions"] == ("33", "3301")
    assert (webhook.timeout, webhook.headers["Authorization"], len(webhook.secrets)) == (
        2.5,
        "Bearer abc",
        2,
    )


def test_nothing_secret_is_ever_shown(write):
    (webhook,) = load(write(GOOD + 'headers = { Authorization = "Bearer abc" }\n'))

    shown = repr(webhook) + str(webhook)
    assert "t0ken" not in shown
    assert "MfKQ9r8G" not in shown
    assert "Bearer" not in shown


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('name = "desk"', 'name = "台"'), "name: "),
        (('name = "desk"', 'name = "a.b"'), "name: "),
        (('name = "desk"', ""), "name: 缺少 · is missing"),
        (("https://", "ftp://"), "url: 须为 http 或 https 网址"),
        (("https://example.org", "https://user:pw@example.org"), "url: 网址中不得有用户名和口令"),
        (("https://example.org/hook?token=t0ken", "https://example.org:99999/"), "url: "),
        (("https://example.org/hook?token=t0ken", "https://"), "url: "),
        (('secret_file = "desk.secret"', ""), "secret_file / secret_env: 缺少"),
        (('secret_file = "desk.secret"', 'secret = "hunter2hunter2hunter2"'), "secret: 密钥不得写在此文件中"),
        (("desk.secret", "absent.secret"), "secret_file absent.secret: 读不了"),
        (("secret_file", "secret_env"), "secret_env desk.secret: 未设此环境变量"),
        (('desk.secret"', 'desk.secret"\nsecret_env = ["HOME", "PATH"]'), "secret"),
        (('["issue"]', '["issues"]'), "events: 未知 'issues'，可用 issue, gone, changed, recorded, refused"),
        (('["issue"]', "[]"), "events: 须为非空列表"),
        (('["issue"]', '"issue"'), "events: 须为非空列表"),
        (('["issue"]', '["issue", ["a"]]'), "events: 未知 ['a']"),
        (('["issue"]', '["issue"]\nseverities = ["fatal"]'), "severities: 未知 'fatal'"),
        (('["issue"]', '["issue"]\nrules = ["t3 balance"]'), "rules: 't3 balance' 不是规则编号"),
        (('["issue"]', '["issue"]\nrules = ["*"]'), "rules: '*' 不是规则编号"),
        (('["issue"]', '["issue"]\nregions = [33]'), "regions: 33 不是区划代码"),
        (('["issue"]', '["issue"]\nyears = ["2024"]'), "years: '2024' 不是年度"),
        (('["issue"]', '["issue"]\nyears = [true]'), "years: True 不是年度"),
        (('["issue"]', '["issue"]\nlevels = ["city"]'), "levels: 未知 'city'"),
        (('["issue"]', '["issue"]\norigins = ["us"]'), "origins: 未知 'us'"),
        (('["issue"]', '["issue"]\ntimeout = 0'), "timeout: "),
        (('["issue"]', '["issue"]\ntimeout = nan'), "timeout: "),
        (('["issue"]', '["issue"]\ntimeout = 3600'), "timeout: "),
        (('["issue"]', '["issue"]\nheaders = { "Webhook-Id" = "x" }'), "headers: Webhook-Id 由勾稽设置"),
        (('["issue"]', '["issue"]\nheaders = { "a b" = "x" }'), "headers: 'a b' 不是首部名"),
        (('["issue"]', '["issue"]\nheaders = { A = "x\\r\\nB: y" }'), "headers: A 的值须为 ASCII 文本"),
        (('["issue"]', '["issue"]\ncolour = "red"'), "colour: 未知的项"),
        (('["issue"]', '["refused"]\nyears = [2024]'), "years: 事件 refused 不能这样筛选"),
        (('["issue"]', '["issue", "recorded"]\nseverities = ["error"]'), "severities: 事件 recorded 不能这样筛选"),
    ],
)  # fmt: skip
def test_a_faulty_entry_is_named_with_its_reason_in_both_languages(write, change, said):
    path = write(GOOD.replace(*change))

    told = faults_of(path)

    assert told.startswith(f"{path}: [[webhooks]] 1")
    assert said in told
    assert " · " in told
    assert "hunter2" not in told
    assert "t0ken" not in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[webhook]]\n", "webhook: 未知的项"),
        ("webhooks = 3\n", "webhooks: 须写作 [[webhooks]]"),
        ("[[webhooks]\n", "不是 TOML · not readable as TOML"),
        (GOOD + GOOD, "[[webhooks]] 2 (desk): name: 此名已用过"),
    ],
)
def test_a_faulty_file_is_named_with_its_reason(write, text, said):
    assert said in faults_of(write(text))


def test_all_faults_are_told_at_once(write):
    told = faults_of(write(GOOD.replace("https", "ftp") + GOOD.replace('"issue"', '"x"')))

    assert len(told.splitlines()) == 2


def test_faults_of_keys_hide_neither_contradictions_nor_a_secret_that_is_not_there(write):
    path = write(
        '[[webhooks]]\nname = "r"\nurl = "http://127.0.0.1:1/"\nsecret_file = "nosuch"\n'
        'events = ["refused"]\nyears = [2023]\ntimeout = 600\n'
    )
    told = faults_of(path)
    for key in ("timeout", "years", "nosuch"):
        assert key in str(told)


@pytest.mark.parametrize("secret", ["", "short", "whsec_", "whsec_!!!!", "whsec_c2hvcnQ="])
def test_a_secret_that_protects_nothing_is_refused_without_being_quoted(write, secret):
    path = write(GOOD)
    (path.parent / "desk.secret").write_text(secret)

    told = faults_of(path)

    assert "secret_file desk.secret: " in told
    assert "!!!!" not in told


def test_a_missing_file_is_said(tmp_path):
    assert "读不了 · cannot be read" in faults_of(tmp_path / "absent.toml")


def test_the_service_does_not_start_with_a_faulty_file(write):
    path = write(GOOD.replace("https", "ftp"))

    ended = subprocess.run(
        [sys.executable, "-m", "services.notify"],
        env=os.environ | {"GOUJI_WEBHOOKS": str(path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ended.returncode == 2
    assert f"{path}: [[webhooks]] 1 (desk): url: " in ended.stderr
    assert "Traceback" not in ended.stderr


HEADERS = {"ce-severity": "error", "ce-rule": "t3_balance", "ce-origin": "source",
           "ce-regioncode": "330106", "ce-year": "2024", "ce-agencylevel": "county"}  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ("", True),
        ('regions = ["33"]', True),
        ('regions = ["44", "3301"]', True),
        ('regions = ["34"]', False),
        ("years = [2023, 2024]", True),
        ("years = [2023]", False),
        ('levels = ["county"]\norigins = ["source"]', True),
        ('levels = ["county"]\norigins = ["unknown"]', False),
        ('severities = ["warning"]', False),
        ('rules = ["t4_balance"]', False),
    ],
)
def test_headers_alone_decide_what_is_wanted(write, filters, wanted):
    (webhook,) = load(write(GOOD + filters))

    assert wants(webhook, "notify-desk", HEADERS) is wanted


def test_what_does_not_say_its_region_is_for_nobody_who_asks_for_one(write):
    (webhook,) = load(write(GOOD + 'regions = ["33"]'))

    assert not wants(webhook, "notify-desk", {})


def test_a_message_put_back_for_one_is_not_for_another(write):
    (webhook,) = load(write(GOOD))

    assert wants(webhook, "notify-desk", HEADERS | {"gouji-only-for": "notify-desk"})
    assert not wants(webhook, "notify-desk", HEADERS | {"gouji-only-for": "notify-other"})


@pytest.mark.parametrize(
    ("code", "prefix"),
    [("33", "33"), ("330000", "33"), ("330100", "3301"), ("330106", "330106"), ("00", "00"), ("331000", "3310")],
)  # fmt: skip
def test_a_region_code_stands_for_everything_inside(code, prefix):
    assert region_prefix(code) == prefix
