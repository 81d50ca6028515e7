"""Nothing in the repository that belongs to a machine, a registry or somebody's keyring."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SECRETS = {
    "private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "nkey seed": r"\bS[UANOCX][A-Z2-7]{56}\b",
    "cloud key": r"\b(?:AKIA|ASIA|LTAI|AKID)[0-9A-Za-z]{16,}\b",
    "token": r"\b(?:gh[pousr]_[0-9A-Za-z]{20,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,}|sk-[0-9A-Za-z]{20,})",
    "JSON web token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.",
    "webhook secret": r"\bwhsec_[0-9A-Za-z+/]{20,}",
    "password in an address": r"\b[a-z]+://[^\s:/@\"'{}$<*]+:[^\s:/@\"'{}$<*]{5,}@",
}
PLACES = {
    "machine path": r"(?<![\w.])/(?:work|home|root|Users|opt/pypi)/[\w.-]+",
    "registry": r"--(?:extra-)?index-url|\bindex-url\s*=|https?://[\w.-]*(?:pypi|nexus|artifactory|mirror)[\w.-]*/",
}
# secrets of no account: the example of the Standard Webhooks specification, and databases of tests
KNOWN = (
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    "whsec_Z2VoZWltLWdlaGVpbS1nZWhlaW0",
)
MADE_UP = (":geheim@", ":s3cret@", ":other@", ":p%40ss@")
"""Passwords of tests that look for them where they must not stand."""


def files() -> list[Path]:
    """Every text file that git keeps, but this one."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a checkout")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [p for p in paths if p.is_file() and p != Path(__file__)]


def found(patterns: dict[str, str]) -> list[str]:
    """Return what looks like one of these, and where."""
    any_of = re.compile("|".join(f"(?P<x{n}>{p})" for n, p in enumerate(patterns.values())))
    told = []
    for path in files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for match in any_of.finditer(text):
            if match[0] not in KNOWN and not match[0].endswith(MADE_UP):
                name = list(patterns)[int(str(match.lastgroup)[1:])]
                told.append(f"{path.relative_to(ROOT)}: {name}: {match[0]}")
    return told


def test_no_secret_is_in_the_repository():
    assert found(SECRETS) == []


def test_no_path_of_a_machine_and_no_registry_is_in_the_repository():
    assert found(PLACES) == []


@pytest.mark.parametrize(
    "text",
    ["-----BEGIN RSA PRIVATE KEY-----", "SU" + "A" * 56, "AKIA" + "A" * 16, "ghp_" + "a" * 36,
     "postgresql://gouji:secret@db/gouji", "/home/someone/x", "--index-url x", "https://mirror.example/simple"],
)  # fmt: skip
def test_the_patterns_know_what_they_look_for(text):
    assert any(re.search(p, text) for p in (*SECRETS.values(), *PLACES.values()))
