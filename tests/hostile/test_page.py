"""Hostile text in every field, on every page: shown as text, in a browser that would run anything else."""

import re
from urllib.parse import quote

import pytest
from selectolax.lexbor import LexborHTMLParser

from services.page.core.questions import cursor
from services.sink.adapters.database import Database
from services.sink.adapters.reviews import Reviews
from tests.hostile.test_injection import STRINGS, made_decision, planted
from tests.services.sink import made
from tests.support.house import Filled, client_of, log_in, page_of

ELEMENTS = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "link",
        "script",
        "body",
        "a",
        "header",
        "nav",
        "div",
        "form",
        "input",
        "span",
        "button",
        "main",
        "aside",
        "details",
        "summary",
        "p",
        "small",
        "ul",
        "li",
        "h1",
        "h2",
        "h3",
        "label",
        "select",
        "option",
        "section",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "b",
        "code",
        "dl",
        "dt",
        "dd",
        "ol",
        "sup",
        "i",
        "q",
        "br",
        "del",
        "ins",
        "svg",
        "text",
        "rect",
        "image",
        "mark",
        "datalist",
        "noscript",
    ]
)
ATTRIBUTES = frozenset(
    [
        "lang",
        "charset",
        "name",
        "content",
        "rel",
        "href",
        "type",
        "src",
        "defer",
        "class",
        "id",
        "method",
        "action",
        "value",
        "tabindex",
        "role",
        "title",
        "open",
        "maxlength",
        "data-live",
        "data-off",
        "data-on",
        "aria-live",
        "aria-hidden",
        "hidden",
        "data-recorded",
        "data-refused",
        "data-duplicate",
        "data-expanded",
        "data-error",
        "data-warning",
        "data-clean",
        "data-dead",
        "scope",
        "data-label",
        "selected",
        "aria-label",
        "aria-labelledby",
        "aria-current",
        "rowspan",
        "colspan",
        "placeholder",
        "required",
        "size",
        "inputmode",
        "list",
        "viewbox",
        "x",
        "y",
        "width",
        "height",
        "text-anchor",
        "hreflang",
        "autocomplete",
        "autocapitalize",
        "spellcheck",
        "enctype",
        "data-limit",
        "data-most",
        "data-large",
        "multiple",
        "data-way",
        "data-d",
        "data-done",
        "data-follow",
    ]
)
STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)


def check(text: str) -> None:
    """Every element, attribute and address of a page is one of ours."""
    page = LexborHTMLParser(text)
    assert {node.tag for node in page.root.traverse()} <= ELEMENTS
    for node in page.root.traverse():
        given = node.attributes
        assert {name.lower() for name in given} <= ATTRIBUTES, (node.tag, given)
        for name in ("href", "src", "action"):
            assert name not in given or re.match(r"[/?#](?![/\\])|$", given[name] or ""), given
        if node.tag == "script":
            assert (given.get("src"), node.text()) == ("/static/page.js", "")
    assert not STEERING.search(text)


@pytest.fixture
def hostile(database_url, tmp_path):
    """A database of either kind in which every field of every table is hostile."""
    filled = Filled(tmp_path, database_url)
    store, reviews = Database(database_url), Reviews(database_url)
    for n, text in enumerate(STRINGS.values()):
        event = planted(text, n)
        store.record(event)
        store.refuse(made.refused(100 + n, file=text, detail_zh=text, detail_en=text))
        store.bury(made.dead(200 + n, file=text, reason=text, payload=text, replay=text))
        store.alias(made.duplicate(n, f"{n}{text}"))
        store.expand(made.expanded(300 + n, text))
        reviews.decide(made_decision(event, text))
    store.close()
    reviews.close()
    yield filled
    filled.close()


def test_hostile_text_is_text_on_every_page(hostile, tmp_path):
    reports = [row["id"] for row in hostile.rows("SELECT id FROM reports")]
    paths = ["/", "/files", "/files?state=dead", "/files?state=expanded", "/missing?year=2021", "/missing?year=2022",
             "/statistics", "/?state=error", *(f"/reports/{one}" for one in reports)]  # fmt: skip
    app, _ = page_of(hostile, tmp_path)
    with client_of(app) as client:
        for logged_in in (False, True):
            if logged_in:
                log_in(client)
            for path in paths:
                answer = client.get(path)
                assert answer.status_code == 200, (path, answer.text[:500])
                check(answer.text)
        address = "applications.granted@total"
        chosen = client.get(f"/reports/{reports[0]}?cell={address}&lang=en")
    assert len(reports) == len(STRINGS)
    check(chosen.text)


@pytest.mark.parametrize("name", STRINGS)
def test_a_hostile_question_is_answered_in_text(hostile_reader, name):
    text = quote(STRINGS[name])
    for path in (f"/?agency={text}", f"/?region={text}", f"/files?name={text}", f"/missing?year=2021&region={text}",
                 f"/statistics?province={text}", f"/?rule={text}", f"/?{text}=1", f"/reports/{text}",
                 f"/login?next={text}", f"/?after={cursor(STRINGS[name])}", f"/upload?d={text}"):  # fmt: skip
        answer = hostile_reader.get(path)
        assert answer.status_code in {200, 400, 404}, (path, answer.status_code)
        check(answer.text)


@pytest.fixture(scope="module")
def hostile_reader(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    filled = Filled(folder)
    app, _ = page_of(filled, folder)
    with client_of(app) as client:
        yield client
    filled.close()
