"""Made-up events for the sink's tests: small, complete, the same every time."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.contracts.events import (
    ArchiveMember,
    Counts,
    DeadLetter,
    ReportCompared,
    ReportDuplicate,
    ReportExpanded,
    ReportRefused,
    ReportValidated,
)
from shared.report import identity
from shared.report.document import Place
from shared.report.issue import Check, Evidence, Issue
from shared.report.record import (
    Cell,
    Contact,
    Identity,
    Leftover,
    NarrativeFigure,
    Record,
    Region,
    Section,
)

JANUARY = datetime(2022, 1, 20, 8, tzinfo=UTC)


def document(n: int) -> str:
    return identity.document_id(f"document {n}".encode())


def cells(shift: int = 0) -> tuple[Cell, ...]:
    total = "applications.{}@total"
    return (
        Cell("active_disclosure.fees@amount_wanyuan", "number", 190.457379, "万元", "190.457379",
             Place(line=20, row=9, column=1), 0.97),
        Cell(total.format("received_new"), "number", 5 + shift, None, str(5 + shift), Place(line=30)),
        Cell(total.format("granted"), "number", 2, None, "2", Place(line=31, page=2)),
        Cell(total.format("denied.state_secret"), "number", 1, None, "1"),
        Cell(total.format("denied.third_party"), "number", 0, None, "0"),
        Cell(total.format("unavailable.not_held"), "blank", None, None, ""),
        Cell(total.format("unavailable.still_unclear"), "number", 3, None, "3"),
        Cell(total.format("other_processing"), "number", -2, None, "=-2", None, 0.5, ("look_alike", "position")),
        Cell(total.format("total"), "absent", derived=6, proof=("t3_balance:total",)),
        Cell("review_litigation.review@total", "mark", None, None, "/"),
    )  # fmt: skip


def record(n: int, **changes: Any) -> Record:
    named = {
        "agency": f"江州市第{n}局",
        "agency_as_printed": f"第{n}局",
        "region": Region("海东省", "江州市", code="990100"),
        "level": "prefecture",
        "kind": "department",
        "year": 2021,
        "title": "2021年政府信息公开工作年度报告",
        "published_on": date(2022, 1, 20),
        "contact": Contact(name="王小明", phone="0990-39906616", email="office@example.cn"),
    }
    named.update({k: v for k, v in changes.items() if k in Identity.__dataclass_fields__})
    return Record(
        document_id=document(n),
        file=changes.get("file", f"{n}.txt"),
        identity=Identity(**named),
        template="2021",
        templates={"active_disclosure": "2021", "applications": "2019"},
        cells=changes.get("cells", cells()),
        sections=(
            Section(1, "总体情况", "一、总体情况", "本年公开信息20条，电话0990-39906616。", 5),
        ),
        figures=(
            NarrativeFigure("公开信息", 20, "条", "本年公开信息20条", 1, line=6),
            NarrativeFigure(
                "办结率", 95.5, "%", "联系人王小明，办结率95.5%", 1, "handled", raw="95.5"
            ),
        ),
        claims=(),
        leftovers=(Leftover("小计 5", 40, "applications", "no declared row"),),
        observations=(),
    )


def issue(report: str, rule: str = "t3_balance", **changes: Any) -> Issue:
    address = "applications.received_new@total"
    values: dict[str, Any] = {
        "id": identity.issue_id(report, rule, "total"),
        "rule": rule,
        "severity": "error",
        "origin": "source",
        "addresses": (address,),
        "message_zh": "总计列不平衡",
        "message_en": "column total does not balance",
        "expected": 5,
        "observed": 6.5,
        "difference": 1.5,
        "formula": "5 + 0 = 6.5",
        "evidence": (Evidence("一、本年新收 5", address, Place(line=30)),),
        "legal_basis": "Art. 47",
        "suggestion": "5 → 6",
    }
    return Issue(**{**values, **changes})


def validated(
    n: int, *, of: int | None = None, hours: int | None = None, **changes: Any
) -> ReportValidated:
    """Return document `n` as a report of agency `of` (its own by default), arrived `hours` after the first."""
    engine, rulebook = changes.pop("engine", "1"), changes.pop("rulebook", "1")
    agency = f"江州市第{n if of is None else of}局"
    made = record(n, **{"agency": agency, **changes})
    named = made.identity
    region = named.region.full_name
    report = changes.get("report_id") or identity.report_id(
        named.agency, region, named.year, named.scope, made.document_id
    )
    issues = changes.get("issues", (issue(report), issue(report, "c_blank", severity="warning",
                                    expected="a number", observed=None, difference=None)))  # fmt: skip
    return ReportValidated(
        document_id=made.document_id,
        file=made.file,
        received_at=JANUARY + timedelta(hours=n if hours is None else hours),
        report_id=report,
        revision_id=identity.revision_id(made.document_id, engine),
        record=made,
        issues=issues,
        checks=(
            Check("t3_balance", "fail", ("total",)),
            Check("t4_sum", "pass", ("review",), "ok"),
        ),
        rulebook_version=rulebook,
        engine_version=engine,
        counts=Counts(error=1, warning=1, source=2),
        judged_at=changes.get("judged_at"),
        corrections=changes.get("corrections", ()),
    )


def compared(event: ReportValidated, *issues: Issue, at: int = 1, **changes: Any) -> ReportCompared:
    """Return the judgement beside its neighbours of a report, caused at the given moment."""
    values: dict[str, Any] = {
        "document_id": event.document_id,
        "file": event.file,
        "received_at": event.received_at,
        "report_id": event.report_id,
        "revision_id": event.revision_id,
        "issues": issues,
        "checks": (Check("xy_carry_over", "fail" if issues else "pass", ("total",)),),
        "beside": ("r0",),
        "rulebook_version": "1",
        "position": f"{at:020d}",
    }
    return ReportCompared(**{**values, **changes})


def refused(n: int, **changes: Any) -> ReportRefused:
    values: dict[str, Any] = {
        "document_id": document(n),
        "file": f"{n}.txt",
        "received_at": JANUARY + timedelta(hours=n),
        "stage": "extract",
        "reason": "not_a_report",
        "detail_zh": "不是年度报告",
        "detail_en": "not an annual report",
    }
    return ReportRefused(**{**values, **changes})


def duplicate(n: int, alias: str) -> ReportDuplicate:
    return ReportDuplicate(
        document_id=document(n),
        file=f"{n}.txt",
        received_at=JANUARY + timedelta(hours=n),
        alias=alias,
    )


def expanded(n: int, *members: str) -> ReportExpanded:
    return ReportExpanded(
        document_id=document(n),
        file=f"{n}.zip",
        received_at=JANUARY + timedelta(hours=n),
        members=tuple(ArchiveMember(file=f"{n}.zip/{m}", document_id="1" * 64) for m in members),
        skipped=("Thumbs.db",),
    )


def dead(n: int | None, **changes: Any) -> DeadLetter:
    values: dict[str, Any] = {
        "service": "extract",
        "document_id": None if n is None else document(n),
        "file": None if n is None else f"{n}.txt",
        "reason": "Unavailable: archive does not answer",
        "error_class": "Unavailable",
        "attempts": 5,
        "origin_subject": "gouji.v1.report.normalized",
        "origin_stream": "REPORTS",
        "origin_sequence": 7,
        "payload": "{}",
        "failed_at": JANUARY + timedelta(days=2),
        "replay": "gouji replay REPORTS 7",
    }
    return DeadLetter(**{**values, **changes})
