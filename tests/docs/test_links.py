"""Every link from one document to another leads somewhere."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.docs.commands import ROOT, documents

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def prose(path: Path) -> str:
    return FENCED.sub("", path.read_text(encoding="utf-8"))


@cache
def anchors(path: Path) -> frozenset[str]:
    """Return the anchors that a forge gives the headings of a document."""
    found: dict[str, int] = {}
    for heading in HEADING.findall(prose(path)):
        words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        found[name] = found.get(name, 0) + 1
    return frozenset(
        f"{name}-{n}" if n else name for name, count in found.items() for n in range(count)
    )


def broken(path: Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return False
    place, _, anchor = link.partition("#")
    target = (path.parent / place).resolve() if place else path
    if not target.exists():
        return True
    return bool(anchor) and target.suffix == ".md" and anchor not in anchors(target)


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path):
    assert [link for link in LINK.findall(prose(path)) if broken(path, link)] == []


def test_a_link_that_leads_nowhere_is_found():
    readme = ROOT / "README.md"

    assert broken(readme, "docs/nothing.md")
    assert broken(readme, "docs/export.md#no-such-heading")
    assert not broken(readme, "docs/export.md#sarif")
    assert not broken(readme, "https://example.org")
