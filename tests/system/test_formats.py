"""Every kind of file through the whole line, as a user drops it: each one ends, archives with all they hold."""

import json
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from services.commands.reaching.records import file_states
from services.normalize.adapters import office
from services.pipeline import process
from services.sink.adapters.export import export_lines
from tests.hostile.files import FILES
from tests.support import hostile
from tests.support.dump import dump
from tests.support.fill import fill
from tests.support.formats import docx, html, pdf
from tests.support.formats import office as old_office
from tests.support.processes import gouji, up, wait_for
from tests.support.render import render

pytestmark = pytest.mark.system


def reports() -> dict[str, bytes]:
    """One made-up report in several formats, each with other figures."""
    made = {"report.txt": render(fill(0), "tabs_grid", Random(0)).data}
    for number, module in enumerate((docx, html, pdf), start=1):
        name = f"report.{module.__name__.rpartition('.')[2]}"
        made[name] = module.render(fill(number), Random(number), module.VARIANTS[0])
    return made


def lines_of(folder: Path) -> dict[str, dict[str, object]]:
    return {line["file"]: line for line in export_lines(f"sqlite:///{folder}/data/gouji.db")}


def test_an_archive_and_all_it_holds_reach_their_ends(tmp_path):
    inside = reports()
    outside = {"again.txt": inside["report.txt"]}
    archive = hostile.packed({**inside, "x/junk.bin": bytes(range(256)) * 9, "__MACOSX/._a": b"x"})
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "年报.zip").write_bytes(archive)
    (inbox / "again.txt").write_bytes(outside["again.txt"])
    (inbox / "bomb.zip").write_bytes(FILES["overlap.zip"][0]())

    ended = gouji("up", "--until-idle", cwd=tmp_path)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    lines = lines_of(tmp_path)
    states = {name: line["status"] for name, line in lines.items()}
    assert states.pop("年报.zip") == "expanded"
    assert (states.pop("bomb.zip"), lines["bomb.zip"]["reason"]) == ("refused", "hostile")
    assert states.pop("年报.zip/x/junk.bin") == "refused"
    assert Counter(states.values()) == {"recorded": len(inside), "duplicate": 1}
    assert {states.pop("again.txt"), states.pop("年报.zip/report.txt")} == {"recorded", "duplicate"}
    assert set(states) == {f"年报.zip/{name}" for name in inside if name != "report.txt"}
    held = {m["file"] for m in lines["年报.zip"]["members"]}
    assert held == {f"年报.zip/{name}" for name in [*inside, "x/junk.bin"]}
    assert "expanded  年报.zip" in ended.stdout

    before = dump(f"sqlite:///{tmp_path}/data/gouji.db")
    again = gouji("up", "--until-idle", cwd=tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr
    assert dump(f"sqlite:///{tmp_path}/data/gouji.db") == before


@pytest.mark.long
def test_drop_waits_for_what_an_archive_holds(tmp_path):
    made = reports()
    with up(tmp_path) as running:
        assert running.line
        (tmp_path / "a.zip").write_bytes(hostile.packed({"report.docx": made["report.docx"]}))

        told = gouji("drop", "--wait", "a.zip", cwd=tmp_path)

    assert told.returncode == 0, told.stderr
    assert "expanded  a.zip" in told.stdout
    assert "recorded  a.zip/report.docx" in told.stdout


def test_check_and_the_line_say_the_same_of_every_format(tmp_path):
    made = reports() | {"a.zip": hostile.packed({"in.docx": reports()["report.docx"] + b""})}
    folder = tmp_path / "inbox"
    folder.mkdir()
    for name, data in made.items():
        (folder / name).write_bytes(data)

    ended = gouji("up", "--until-idle", cwd=tmp_path)
    checked = gouji("check", "--format", "jsonl", "--jobs", 3, *sorted(made), cwd=folder)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    lines = lines_of(tmp_path)
    found = [json.loads(line) for line in checked.stdout.splitlines()]
    assert [line["file"] for line in found] == [
        "a.zip", "a.zip/in.docx", "report.docx", "report.html", "report.pdf", "report.txt",
    ]  # fmt: skip
    for line in found:
        if line["file"] not in ("a.zip/in.docx", "report.docx"):
            assert line == lines[line["file"]]


def test_an_old_office_file_is_converted_in_its_lane(tmp_path):
    truth = fill(5, "2021", kind="small")
    new = docx.render(truth, Random(5), docx.VARIANTS[0])
    rtf = rtf_of(new)
    with up(tmp_path) as running:
        running.drop("old.rtf", rtf)
        wait_for("done", lambda: sum(running.states().values()) == 1)

        states = {s.name: s for s in file_states(running.line["database_url"])}
    log = (tmp_path / "data" / "logs" / "normalize.log").read_text()
    handled = [json.loads(x) for x in log.splitlines() if '"message.handled"' in x]
    of_old = [(x["subject"], x["outcome"]) for x in handled if x["file"] == "old.rtf"]
    assert of_old[0] == ("gouji.v1.report.received", "deferred")
    assert of_old[1][0] == "gouji.v1.report.deferred.office"
    if office.find_office() is None:
        assert states["old.rtf"].reason == "needs_extra"
    else:
        assert (states["old.rtf"].state, states["old.rtf"].reason) == ("recorded", None)
        cells = [
            lines_of(tmp_path)["old.rtf"]["cells"],
            process(new, "new.docx").neutral()["cells"],
        ]
        assert {k: c["value"] for k, c in cells[0].items()} == {
            k: c["value"] for k, c in cells[1].items()
        }


def rtf_of(document: bytes) -> bytes:
    """Return a Word document as rich text, or a plain one where there is no LibreOffice."""
    if office.find_office() is None:
        return rb"{\rtf1\ansi report}"
    return old_office.written({"a": document}, "docx", "rtf")["a"]
