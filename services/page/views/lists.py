"""The lists: reports, files that became none, and who has not filed."""

from datetime import timedelta, timezone
from typing import Final, get_args

from starlette.requests import Request
from starlette.responses import Response

from services.page.adapters import files, reports
from services.page.core import questions
from services.page.core.doors import Unknown
from services.page.views.shell import Asked, asked
from shared.errors import RefusalReason
from shared.report.issue import Severity
from shared.report.record import Level

_CHINA: Final = timezone(timedelta(hours=8))
_REASONS: Final[tuple[str, ...]] = get_args(RefusalReason)


def report_list(request: Request) -> Response:
    """Return the list of reports; 404 for a place in the list where nothing is."""
    who = asked(request)
    house = who.house
    question = questions.reports(who.questions, house.doors.rules)
    found = reports.found(house.shelf, question)
    if not found.rows and (question.after or question.before):
        return _beyond(who)
    tallies = house.tallies
    return who.page(
        "reports.html",
        question=question,
        found=found,
        tree=tallies.kept("tree", lambda: reports.tree(house.shelf)),
        years=tallies.kept("years", lambda: reports.years(house.shelf)),
        levels=get_args(Level),
        severities=get_args(Severity),
        states=questions.STATES,
        veil=who.veil,
    )


def file_list(request: Request) -> Response:
    """Return the files that became no report."""
    who = asked(request)
    question = questions.files(who.questions, _REASONS)
    found = files.found(who.house.shelf, question)
    if not found.rows and question.after:
        return _beyond(who)
    return who.page(
        "files.html",
        question=question,
        found=found,
        counts=who.house.tallies.kept("files", lambda: files.counts(who.house.shelf)),
        states=questions.FILE_STATES,
        reasons=_REASONS,
        veil=who.veil,
    )


def missing_list(request: Request) -> Response:
    """Return who has not filed for a year, as of today in China."""
    who = asked(request)
    house = who.house
    question = questions.absent(who.questions)
    today = house.clock.now().astimezone(_CHINA).date()
    roll = None
    if question.year is not None:
        try:
            roll = house.doors.roll(question.year, question.region, today)
        except Unknown as unknown:
            raise questions.BadQuestion(unknown.zh, unknown.en) from None
    years = house.tallies.kept("years", lambda: reports.years(house.shelf))
    return who.page("missing.html", question=question, roll=roll, years=years, today=today)


def _beyond(who: Asked) -> Response:
    return who.told(
        404,
        "列表没有这么远；请回到开头。",
        "The list does not go that far; go back to its beginning.",
    )
