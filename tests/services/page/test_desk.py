"""Logging in, deciding, logging out: who may, and what keeps everybody else out."""

import re

import pytest

from services.page.adapters.people import BadUser, People
from services.page.adapters.sessions import Sessions
from services.page.adapters.throttle import Throttle
from shared.secrets import BadSetting
from tests.support.house import (
    NAME,
    PASSWORD,
    QUICK,
    HeardDoors,
    client_of,
    log_in,
    page_of,
    token_in,
)

SUMS = "04_sums_do_not_add_up_2022.md"


@pytest.fixture
def issue(filled):
    (row,) = filled.rows("SELECT report_id, issue_id FROM current_issues WHERE rule = 't4_sum'")
    return row


def decide(client, issue, **fields):
    page = client.get(f"/reports/{issue['report_id']}")
    given = {"verdict": "confirm", "note": "第2页", **fields}
    if "csrf" not in fields:
        given["csrf"] = token_in(page.text)
    path = f"/reports/{issue['report_id']}/issues/{issue['issue_id']}"
    return client.post(path, data={k: v for k, v in given.items() if v is not None})


def standing(filled, issue):
    query = 'SELECT verdict, "by" AS who, note FROM current_decisions WHERE issue_id = :i'
    return [dict(row) for row in filled.rows(query, i=issue["issue_id"])]


def test_a_decision_goes_to_the_database_and_is_shown(filled, reviewer, issue):
    answer = decide(reviewer, issue, note="<b>第2页</b>")
    assert answer.status_code == 303
    assert standing(filled, issue) == [{"verdict": "confirm", "who": NAME, "note": "<b>第2页</b>"}]
    page = reviewer.get(answer.headers["location"])
    assert "决定已保存" in page.text
    assert "&lt;b&gt;第2页&lt;/b&gt;" in page.text
    assert "<b>第2页</b>" not in page.text
    decide(reviewer, issue, verdict="dismiss", note="")
    assert standing(filled, issue) == [{"verdict": "dismiss", "who": NAME, "note": None}]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"csrf": None}, 403), ({"csrf": "x" * 43}, 403), ({"csrf": ""}, 403), ({"verdict": "delete"}, 400),
        ({"verdict": None}, 400), ({"note": "x" * 1001}, 400), ({"note": "x" * 70_000}, 413),
    ],
)  # fmt: skip
def test_a_form_that_is_not_ours_or_makes_no_sense_changes_nothing(
    filled, reviewer, issue, fields, status
):
    before = standing(filled, issue)
    assert decide(reviewer, issue, **fields).status_code == status
    assert standing(filled, issue) == before


def test_a_form_from_another_site_is_refused_even_with_the_token(filled, reviewer, issue):
    path = f"/reports/{issue['report_id']}/issues/{issue['issue_id']}"
    token = token_in(reviewer.get(f"/reports/{issue['report_id']}").text)
    given = {"csrf": token, "verdict": "reopen"}
    for headers in (
        {"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"},
    ):  # fmt: skip
        assert reviewer.post(path, data=given, headers=headers).status_code == 403
    assert (
        reviewer.post(path, data=given, headers={"origin": "http://testserver"}).status_code == 303
    )


def test_who_is_not_logged_in_decides_nothing(filled, reader, issue):
    path = f"/reports/{issue['report_id']}/issues/{issue['issue_id']}"
    before = standing(filled, issue)
    assert reader.post(path, data={"verdict": "confirm", "csrf": "x"}).status_code == 401
    assert 'name="verdict"' not in reader.get(f"/reports/{issue['report_id']}").text
    assert reader.get(path).status_code == 405
    assert standing(filled, issue) == before


def test_an_issue_that_is_not_there_is_not_decided(filled, reviewer, issue):
    other = {**issue, "issue_id": "0" * 32}
    assert decide(reviewer, other).status_code == 404
    (elsewhere,) = filled.rows(
        "SELECT report_id FROM revisions WHERE file = :f", f="01_clean_tabs_2020.txt"
    )
    path = f"/reports/{elsewhere['report_id']}/issues/{issue['issue_id']}"
    token = token_in(reviewer.get(f"/reports/{issue['report_id']}").text)
    assert reviewer.post(path, data={"csrf": token, "verdict": "confirm"}).status_code == 404


def test_without_a_bus_reading_goes_on_and_deciding_says_what_is_away(filled, tmp_path, issue):
    app, _ = page_of(filled, tmp_path, doors=HeardDoors(filled, away=True))
    with client_of(app) as client:
        log_in(client)
        answer = decide(client, issue)
        assert answer.status_code == 503
        assert "nats://" not in answer.text
        assert client.get("/").status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(house):
    with client_of(house[0]) as client:
        cookie = log_in(client).headers["set-cookie"]
    assert re.search(r"gouji-session=[^;]+; HttpOnly; Path=/; SameSite=lax", cookie)
    assert "Secure" not in cookie
    with client_of(house[0], base_url="https://testserver") as client:
        answer = log_in(client)
        assert re.search(r"__Host-gouji-session=[^;]+; HttpOnly; Path=/; SameSite=lax; Secure",
                         answer.headers["set-cookie"])  # fmt: skip
        assert "max-age" in answer.headers["strict-transport-security"]


def test_login_takes_its_own_form_alone_and_goes_on_within_this_page(house):
    with client_of(house[0]) as client:
        bare = client.post("/login", data={"user": NAME, "password": PASSWORD})
        wrong = log_in(client, password="wrong")
        nobody = log_in(client, name="nobody")
        for target, place in (("/files", "/files"), ("//evil.example", "/"), ("https://evil.example", "/"),
                              ("/\\evil.example", "/"), ("javascript:alert(1)", "/")):  # fmt: skip
            token = token_in(client.get("/login").text)
            given = {"csrf": token, "user": NAME, "password": PASSWORD, "next": target}
            answer = client.post("/login", data=given)
            assert (answer.status_code, answer.headers["location"]) == (303, place)
            csrf = token_in(client.get("/").text)
            client.post("/logout", data={"csrf": csrf})
    assert (bare.status_code, wrong.status_code, nobody.status_code) == (403, 401, 401)
    assert [re.sub('value="[^"]*"', "", a.text) for a in (wrong,)] == [
        re.sub('value="[^"]*"', "", nobody.text)
    ]


def test_logout_ends_the_session_on_the_server(house):
    with client_of(house[0]) as client:
        log_in(client)
        stolen = dict(client.cookies)
        assert client.post("/logout", data={"csrf": "x"}).status_code == 403
        assert (
            client.post("/logout", data={"csrf": token_in(client.get("/").text)}).status_code == 303
        )
        client.cookies.update(stolen)
        assert "logout" not in client.get("/").text


def test_a_forged_or_foreign_cookie_is_nobody(house):
    with client_of(house[0]) as client:
        for cookie in ("x", "a.b", "é", "x" * 4000):
            answer = client.get(
                "/", headers={"cookie": f"gouji-session={cookie}".encode("latin-1")}
            )
            assert answer.status_code == 200
            assert "logout" not in answer.text


def test_guessing_is_stopped_after_five_failures(house):
    with client_of(house[0]) as client:
        answers = [log_in(client, password=f"guess {n}").status_code for n in range(7)]
        right = log_in(client)
    assert answers == [401] * 5 + [429] * 2
    assert right.status_code == 429
    assert int(right.headers["retry-after"]) > 60


def test_a_throttle_lets_go_after_its_span_and_after_the_right_password():
    now = [0.0]
    throttle = Throttle(most=2, seconds=10, clock=lambda: now[0])
    throttle.failed("a")
    throttle.failed("a")
    assert (throttle.wait("a"), throttle.wait("b")) == (10.0, 0.0)
    now[0] = 10.5
    assert throttle.wait("a") == 0.0
    throttle.failed("b")
    throttle.failed("b")
    throttle.forget("b")
    assert throttle.wait("b") == 0.0


def test_sessions_end_after_silence_after_a_day_and_with_a_new_password(tmp_path):
    now = [0.0]
    people = People(tmp_path / "users.json", QUICK)
    people.put("李审", PASSWORD)
    sessions = Sessions(people, idle=10, longest=25, clock=lambda: now[0])
    silent, busy, changed = (sessions.begin("李审") for _ in range(3))
    for now[0] in (8.0, 16.0, 24.0):
        assert sessions.find(busy).user == "李审"
    assert sessions.find(silent) is None
    now[0] = 26.0
    assert sessions.find(busy) is None
    changed = sessions.begin("李审")
    people.put("李审", "another long phrase")
    assert sessions.find(changed) is None
    gone = sessions.begin("李审")
    people.remove("李审")
    assert sessions.find(gone) is None


def test_users_are_kept_as_hashes_in_a_file_for_its_owner_alone(tmp_path):
    path = tmp_path / "sub" / "users.json"
    people = People(path, QUICK)
    assert people.names() == []
    people.put("李审", PASSWORD)
    assert path.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in path.read_text()
    assert "$argon2id$" in path.read_text()
    assert [people.check("李审", p) for p in (PASSWORD, "wrong", "")] == [True, False, False]
    assert not people.check("nobody", PASSWORD)
    path.chmod(0o644)
    with pytest.raises(BadSetting, match="open to everybody"):
        People(path, QUICK).names()


@pytest.mark.parametrize(
    ("name", "password"),
    [("a b", PASSWORD), ("", PASSWORD), ("x" * 61, PASSWORD), ("a\n", PASSWORD), ("a", "short"),
     ("a", "x" * 200), ("a", "a" * 12), ("abc", "abcabcabcabc")],
)  # fmt: skip
def test_names_and_passwords_that_will_not_do_are_refused(tmp_path, name, password):
    people = People(tmp_path / "users.json", QUICK)
    with pytest.raises(BadUser):
        people.put(name, password)
    with pytest.raises(BadUser):
        people.remove("nobody")


def test_a_spoilt_file_of_users_lets_nobody_in(filled, tmp_path):
    app, _ = page_of(filled, tmp_path)
    with client_of(app) as client:
        log_in(client)
        (tmp_path / "page-users.json").write_text("{}")
        assert "logout" not in client.get("/").text
        assert log_in(client).status_code == 401
