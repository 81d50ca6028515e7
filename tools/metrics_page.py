"""Writes docs/metrics.md from the catalogue. Run `python -m tools.metrics_page` after it has changed."""

from collections.abc import Iterable
from pathlib import Path

from shared.monitoring.catalogue import LINE_METRICS, PAGE_METRICS, SERVICE_METRICS, Metric

_HERE = Path(__file__).parent
PAGE = _HERE.parent / "docs" / "metrics.md"


def page() -> str:
    """Return the page."""
    parts = [
        (_HERE / "metrics_head.md").read_text(encoding="utf-8"),
        "## Of every service\n\nSum them over copies.\n\n",
        _table(SERVICE_METRICS),
        "\n## Of the review page\n\n",
        _table(PAGE_METRICS),
        "\n## Of the line\n\n",
        _table(LINE_METRICS),
        (_HERE / "metrics_tail.md").read_text(encoding="utf-8"),
    ]
    return "".join(parts)


def _table(metrics: Iterable[Metric]) -> str:
    rows = [
        f"| `{m.name}` | {m.kind} | {', '.join(f'`{label}`' for label in m.labels)} | {m.help} |"
        for m in metrics
    ]
    return "\n".join(["| name | kind | labels | meaning |", "|---|---|---|---|", *rows]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
