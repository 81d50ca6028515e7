"""Every command that a document tells people to type is one that there is."""

import importlib.util
import re
from functools import cache

import pytest
import typer

from services.cli import build
from tests.docs.commands import ROOT, Command, commands, documents

ELSEWHERE = {
    "apt-get": "changes the machine",
    "docker": "no container engine is at hand; tools.deploy_check validates the files",
    "install": "writes into the system's folders",
    "kubectl": "no cluster is at hand; tools.deploy_check validates the manifests",
    "nats": "the command of the bus's makers is in no package",
    "nats-server": "tests/system/test_cluster.py runs what it is told here",
    "pip": "asks a registry",
    "promtool": "tests/monitoring runs it",
    "runuser": "is somebody else",
    "sudo": "is somebody else",
    "systemctl": "no systemd runs in a test; tools.deploy_check verifies the units",
    "systemd-analyze": "as systemctl",
    "systemd-sysusers": "as systemctl",
    "systemd-tmpfiles": "as systemctl",
}
"""Programs that no test can run, and why."""

SHELL = frozenset({
    "cat", "cd", "chmod", "cp", "curl", "do", "done", "echo", "exit", "export", "for", "grep", "head", "jq", "kill", "mkdir", "mv",
    "openssl", "rm", "sort", "source", "tail", "uniq",
})  # fmt: skip
"""Words that every machine knows; what they are told with is looked at by eye."""


@cache
def command_line():
    return typer.main.get_command(build([]))


def faults_of(command: Command) -> list[str]:
    program, *words = command.words
    program = program.rpartition("/")[2]
    if program in ELSEWHERE or program in SHELL:
        return []
    if program == "gouji":
        # an option that a sentence names needs no value
        names_an_option = command.mentioned and words[-1].startswith("--") and _takes_a_value(words)
        return _of_gouji([*words, "SOME"] if names_an_option else words)
    if program == "make":
        return _of_make(words)
    if program in {"python", "python3", "pytest"}:
        return _of_python(program, words)
    return [f"nobody knows {program!r}"]


def _takes_a_value(words: list[str]) -> bool:
    found = command_line().commands.get(words[0])
    known = {opt: p for p in (found.params if found else ()) for opt in p.opts}
    return words[-1] in known and not known[words[-1]].is_flag


def _of_gouji(words: list[str]) -> list[str]:
    line = command_line()
    name, *rest = words
    if name in {"--help", "--install-completion"}:
        return []
    if name not in line.commands:
        return [f"gouji has no command {name!r}"]
    found = line.commands[name]
    context = found.context_class(found, info_name=name)
    try:
        values, left, _ = found.make_parser(context).parse_args(args=list(rest))
    except Exception as error:
        return [f"gouji {name}: {error!r}"]
    faults = [f"gouji {name}: too many words: {left}"] if left else []
    for parameter in found.params:
        said = values.get(parameter.name)
        choices = getattr(parameter.type_descriptor, "choices", ())
        faults += [
            f"gouji {name}: {parameter.name} is none of {list(choices)}: {word}"
            for word in (said if isinstance(said, list | tuple) else [said])
            if choices and isinstance(word, str) and word not in {*choices, "SOME"}
        ]
    return faults


def _of_make(words: list[str]) -> list[str]:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    wanted = [word for word in words if "=" not in word and not word.startswith("-")]
    return [f"make has no target {word!r}" for word in wanted if word not in targets]


def _of_python(program: str, words: list[str]) -> list[str]:
    if program == "pytest":
        return [
            f"no {word}"
            for word in words
            if word.startswith("tests") and not (ROOT / word).exists()
        ]
    if words[:1] == ["-m"]:
        module = words[1]
        return [] if importlib.util.find_spec(module) else [f"no module {module}"]
    return [] if words[:1] == ["-c"] else [f"python {words} is not looked at"]


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_is_told_exists(path):
    faults = [f"{c.place}: {fault}" for c in commands(path) for fault in faults_of(c)]

    assert faults == []


def test_documents_tell_commands_and_a_wrong_one_is_found():
    told = [command for path in documents() for command in commands(path)]

    assert len(told) > 200
    for words in ("gouji chek a", "gouji check --frmat html a", "gouji export --format exel", "make tset", "gouji status a b c",
                  "python -m benchmarks.nothing", "frobnicate", "pytest tests/nowhere"):  # fmt: skip
        assert faults_of(Command(tuple(words.split()), "here")), words


def test_a_block_within_a_list_is_seen():
    page = ROOT / "docs" / "extending.md"

    told = [command.words for command in commands(page) if not command.mentioned]

    assert ("make", "accuracy") in told
    assert ("gouji", "check", "report.docx", "--format", "jsonl") in told
