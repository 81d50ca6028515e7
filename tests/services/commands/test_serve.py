"""`gouji serve`: users by command."""

import pytest
from typer.testing import CliRunner

from services.cli import build
from shared.errors import GoujiError

PASSWORD = "a long phrase 勾稽"


def serve(*arguments: str, typed: str = ""):
    return CliRunner().invoke(build(("serve",)), ["serve", *arguments], input=typed)


def test_users_are_added_listed_and_removed(tmp_path, monkeypatch):
    data = ("--data", str(tmp_path))
    added = serve("--add-user", "李审", *data, typed=f"{PASSWORD}\n")
    assert (added.exit_code, added.stdout) == (0, "李审\n")
    assert serve("--users", *data).stdout == "李审\n"
    assert PASSWORD not in (tmp_path / "page-users.json").read_text()
    assert serve("--remove-user", "李审", *data).stdout == ""
    assert serve("--users", *data).stdout == ""


def test_a_weak_password_and_an_unknown_user_are_refused(tmp_path):
    for arguments, typed in ((("--add-user", "李审"), "short\n"), (("--remove-user", "李审"), "")):
        ended = serve(*arguments, "--data", str(tmp_path), typed=typed)
        assert isinstance(ended.exception, GoujiError)
        assert "short" not in str(ended.exception)
    assert not (tmp_path / "page-users.json").exists()


def test_a_spoilt_file_of_users_stops_the_start(tmp_path):
    (tmp_path / "page-users.json").write_text("{}")
    (tmp_path / "page-users.json").chmod(0o600)
    ended = serve("--data", str(tmp_path))
    assert isinstance(ended.exception, GoujiError)
    assert "GOUJI_PAGE_USERS" in str(ended.exception)


@pytest.mark.parametrize("wrong", [("--port", "99999"), ("--port", "x")])
def test_a_port_that_is_none_is_refused(wrong):
    assert serve(*wrong).exit_code == 2
