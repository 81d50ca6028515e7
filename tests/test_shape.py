"""Every service has the same shape, and no module outgrows its room."""

import ast
import re
from pathlib import Path

import pytest

from services.cli import COMMANDS, build
from services.commands.run import SERVICES

ROOT = Path(__file__).resolve().parents[1]
SHAPE = {"__init__.py", "__main__.py", "app.py", "handler.py", "settings.py", "core"}
FOLDERS = {"adapters", "migrations", "rulebook"}
"""Doors to the outside and data that a service may have besides."""
LINES = {"app.py": 60, "handler.py": 150}
MODULE_LINES = 400
FUNCTION_LINES = 60
SOURCES = sorted(p for top in ("services", "shared") for p in (ROOT / top).rglob("*.py"))
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
JUNK_DRAWERS = {"utils", "helpers", "common", "misc", "manager"}


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_parts_that_every_service_has(service):
    found = {p.name for p in (ROOT / "services" / service).iterdir() if p.name != "__pycache__"}
    assert found - FOLDERS == SHAPE


@pytest.mark.parametrize("service", SERVICES)
def test_shells_stay_thin(service):
    sizes = {name: lines_of(ROOT / "services" / service / name) for name in LINES}
    assert {n: s for n, s in sizes.items() if s > LINES[n]} == {}


def test_no_module_is_larger_than_a_room():
    assert {str(p.relative_to(ROOT)): n for p in SOURCES if (n := lines_of(p)) > MODULE_LINES} == {}


def test_no_function_is_longer_than_a_screen():
    long = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > FUNCTION_LINES:
                    long[f"{path.relative_to(ROOT)}:{node.name}"] = size
    assert long == {}


def test_no_module_is_a_junk_drawer():
    assert [str(p) for p in SOURCES if p.stem in JUNK_DRAWERS] == []


def test_every_command_is_a_module_and_can_be_registered():
    modules = {p.stem for p in (ROOT / "services" / "commands").glob("*.py")}
    assert set(COMMANDS) <= modules
    registered = [command.name for command in build(()).registered_commands]
    assert registered == list(COMMANDS)


def test_the_readmes_lead_with_the_two_commands():
    for name in ("README.md", "README.zh.md"):
        start = (ROOT / name).read_text(encoding="utf-8")[:1500]
        assert start.index("make run") < start.index("make test")


def test_every_relative_link_of_the_documents_leads_somewhere():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").glob("*.md")]
    links = [(p, t) for p in pages for t in LINK.findall(p.read_text(encoding="utf-8"))]
    broken = [f"{p.name}: {target}" for p, target in links if not (p.parent / target).exists()]
    assert broken == []
