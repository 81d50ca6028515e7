"""What every command shares: completion in shells, tables that fit, JSON for programs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from services.cli import COMMANDS, EXIT_CODES, build
from services.commands.talking.wording import table

GOUJI = Path(sys.executable).with_name("gouji")


def completed(shell, typed, **environment):
    """What a shell is offered behind what was typed."""
    told = {"_GOUJI_COMPLETE": f"complete_{shell}", **environment}
    ended = subprocess.run(
        [GOUJI], env={**os.environ, **told}, capture_output=True, text=True, check=False
    )
    return ended.stdout.split()


def by_bash(typed):
    return completed("bash", typed, COMP_WORDS=typed, COMP_CWORD=str(typed.count(" ")))


def test_bash_completes_commands_and_their_options():
    assert sorted(by_bash("gouji exp")) == ["explain", "export"]
    assert by_bash("gouji export --for") == ["--format"]


def test_zsh_and_fish_are_offered_every_command():
    zsh = completed("zsh", "", _TYPER_COMPLETE_ARGS="gouji ")
    fish = completed(
        "fish", "", _TYPER_COMPLETE_ARGS="gouji ", _TYPER_COMPLETE_FISH_ACTION="get-args"
    )
    for name in COMMANDS:
        assert any(name in word for word in zsh)
        assert any(name in word for word in fish)


def test_completion_installs_itself_for_bash(tmp_path):
    environment = {**os.environ, "HOME": str(tmp_path), "SHELL": "/bin/bash"}
    ended = subprocess.run(
        [GOUJI, "--install-completion", "bash"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "_GOUJI_COMPLETE" in (tmp_path / ".bash_completions" / "gouji.sh").read_text()


def test_a_table_fits_the_room_and_cuts_the_widest_column_only():
    rows = [("recorded", "年报" * 40, "not_a_report"), ("refused", "短.txt", "")]
    shown = table(rows, room=60)
    assert all(cell_len(line) <= 60 for line in shown)
    assert "…" in shown[0]
    assert shown[0].endswith("not_a_report")
    assert "短.txt" in shown[1]


def test_a_table_for_files_and_pipes_is_never_cut():
    rows = [("a", "x" * 500)]
    assert table(rows) == [f"a  {'x' * 500}"]


def test_a_table_in_no_room_at_all_keeps_a_few_letters_of_each_column():
    assert all("…" in line for line in table([("abcdefghij", "klmnopqrst")], room=3))


def test_no_cell_of_a_table_steers_the_terminal():
    assert table([("\x1b[2Jx", "y\n")]) == ["\ufffd[2Jx  y\ufffd"]


def gouji(command, *arguments):
    return CliRunner().invoke(build([command]), [command, *map(str, arguments)])


def test_the_version_is_told_to_programs_too():
    told = json.loads(gouji("version", "--json").stdout)
    assert set(told) == {"gouji", "engine"}


def test_webhooks_are_listed_for_programs_without_their_secrets(tmp_path):
    file = tmp_path / "webhooks.toml"
    (tmp_path / "desk.key").write_text("whsec_" + "A" * 32)
    (tmp_path / "desk.key").chmod(0o600)
    file.write_text(
        '[[webhooks]]\nname = "desk"\nurl = "https://desk.example/hook?token=abc"\n'
        f'secret_file = "{tmp_path}/desk.key"\nevents = ["issue"]\nseverities = ["error"]\n'
    )
    ended = gouji("webhooks", "list", "--json", "--file", file)
    (listed,) = json.loads(ended.stdout)
    assert listed["name"] == "desk"
    assert "token=abc" not in ended.stdout
    assert "whsec" not in ended.stdout


_OF_THEIR_OWN = {
    "up": "people look at it; status tells programs",
    "run": "its log is JSON lines",
    "feed": "its log is JSON lines",
    "metrics": "the text of Prometheus",
    "export": "its formats are for programs",
    "serve": "its log is JSON lines",
}
"""Commands whose output is no answer, or is for programs as it is."""


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_what_a_script_would_ask_answers_in_json(command):
    assert ("--json" in gouji(command, "--help").stdout) == (command not in _OF_THEIR_OWN)


def test_exit_codes_stand_in_the_help_of_check_and_export():
    for command in ("check", "export"):
        assert "xit code" in gouji(command, "--help").stdout


def test_help_and_the_docs_name_every_exit_code():
    told = " ".join(CliRunner().invoke(build([]), ["--help"]).stdout.split())
    page = (Path(__file__).resolve().parents[3] / "docs/checking.md").read_text()
    every = page.partition("Every command of `gouji`")[2]
    for code, (_, english) in EXIT_CODES.items():
        assert f"{code} " in told
        assert english in told
        assert f"\n| {code} |" in every
