"""Headers, host names, sizes: what every request goes through. Uploads and originals."""

import json

import pytest
from starlette.testclient import TestClient

from services.page.views.dropping import plain_name
from services.page.views.shell import local
from shared.errors import BadInput
from shared.report.identity import document_id
from tests.services.page.conftest import ALL
from tests.support.house import HeardDoors, client_of, log_in, page_of, token_in

FORBIDDEN = ("unsafe-inline", "unsafe-eval", "http:", "https:", "*", "data:")


@pytest.mark.parametrize(
    "path",
    ["/", "/nothing", "/?year=x", "/static/page.css", "/login", "/livez", "/reports/x", "/upload"],
)
def test_every_answer_carries_the_headers_that_keep_browsers_safe(reader, path):
    headers = reader.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not [word for word in FORBIDDEN if word in policy]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "server" not in headers


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "", "127.0.0.1:80:80", "[::1", "x" * 5000]
)
def test_a_host_name_that_is_not_ours_is_refused(reader, host):
    answer = reader.get("/", headers={"host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080", "testserver"]
)
def test_our_own_host_names_are_served(reader, host):
    assert reader.get("/livez", headers={"host": host}).status_code == 200


def test_bodies_that_are_too_large_or_lie_about_their_size_are_refused(reader, reviewer):
    assert reader.post("/login", content=b"x" * (65 << 10)).status_code == 413
    assert reader.post("/login", headers={"content-length": "1e9"}).status_code == 400

    def endless():
        for _ in range(100):
            yield b"x" * 1024

    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert reader.post("/login", content=endless(), headers=kind).status_code == 413
    assert (
        reader.post("/login", content=b"{}", headers={"content-type": "text/xml"}).status_code
        == 415
    )
    torn = {"content-type": "multipart/form-data; boundary=x"}
    assert reader.post("/login", content=b"--x\r\nrubbish", headers=torn).status_code in {400, 403}


@pytest.mark.parametrize(
    ("target", "place"),
    [("/files?a=b", "/files?a=b"), ("//x", "/"), ("/\\x", "/"), ("x", "/"), (None, "/"), ("/a\r\nb: c", "/"),
     ("/\t/x", "/"), ("/" + "x" * 2000, "/"), ("/é", "/")],
)  # fmt: skip
def test_only_places_on_this_page_are_gone_to(target, place):
    assert local(target) == place


def test_the_original_is_saved_and_never_shown_and_for_reviewers_alone(reader, reviewer):
    data = ALL[0].read_bytes()
    path = f"/documents/{document_id(data)}"
    assert reader.get(path).status_code == 401
    answer = reviewer.get(path)
    assert answer.content == data
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{ALL[0].name}"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_pages_of_a_pdf_are_drawn_in_a_worker_with_the_cell_boxed(filled, reader, reviewer):
    path = f"/documents/{filled.pdf}/pages/1.png"
    assert reader.get(path).status_code == 401
    drawn = reviewer.get(path)
    assert (drawn.headers["content-type"], drawn.content[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    assert reviewer.get(f"/documents/{filled.pdf}/pages/99.png").status_code == 404
    assert (
        reviewer.get(f"/documents/{document_id(ALL[0].read_bytes())}/pages/1.png").status_code
        == 404
    )
    report = filled.report_of(filled.pdf)
    query = f"/reports/{report}?cell=applications.received_new@total"
    shown = reviewer.get(query).text
    assert '<rect class="box"' in shown
    assert "<svg" not in reader.get(query).text.split('id="source"')[1]


def test_a_scan_shows_its_pages_though_its_text_is_not_read_again(filled, tmp_path):
    class Unread(HeardDoors):
        async def source(self, document_id, file):
            raise BadInput("no_text", "这是扫描件", "a scan")

    app, _ = page_of(filled, tmp_path, doors=Unread(filled))
    with client_of(app) as client:
        log_in(client)
        shown = client.get(f"/reports/{filled.report_of(filled.pdf)}?page=2").text
    assert "这是扫描件" in shown
    assert f"/documents/{filled.pdf}/pages/2.png" in shown
    assert '<rect class="box"' not in shown


def test_an_archive_that_lost_the_file_leaves_the_report_readable(filled, tmp_path):
    doors = HeardDoors(filled)
    app, _ = page_of(filled, tmp_path, doors=doors)
    doors._sources._archive.folder = tmp_path / "nowhere"
    (row,) = filled.rows("SELECT report_id FROM revisions WHERE file = :f", f=ALL[0].name)
    with client_of(app) as client:
        answer = client.get(f"/reports/{row['report_id']}")
    assert answer.status_code == 200
    assert "现在无法读取原文" in answer.text


def upload(client: TestClient, *files, **fields):
    token = fields.pop("csrf", None) or token_in(client.get("/upload").text)
    return client.post(
        "/upload", data={"csrf": token}, files=[("file", f) for f in files], **fields
    )


def test_files_go_into_the_bucket_and_their_end_is_told(filled, reviewer, doors):
    known = ALL[0].read_bytes()
    answer = upload(reviewer, ("新.txt", b"new"), (ALL[0].name, known))
    assert answer.status_code == 303
    assert doors.dropped == [(b"new", "新.txt"), (known, ALL[0].name)]
    page = reviewer.get(answer.headers["location"]).text
    assert "处理中" in page
    assert "已入库" in page
    states = reviewer.get(answer.headers["location"].replace("/upload?", "/upload/states?")).json()
    assert [one["state"] for one in states] == [None, "recorded"]
    assert states[1]["report"]


def test_a_script_gets_ids_as_json(reviewer):
    answer = upload(reviewer, ("a.txt", b"a"), headers={"accept": "application/json"})
    assert answer.json() == [{"document": document_id(b"a"), "name": "a.txt"}]


def test_uploads_are_bounded_and_for_reviewers_alone(filled, tmp_path, reader, reviewer, doors):
    assert reader.post("/upload", files={"file": b"x"}).status_code == 401
    assert 'type="file"' not in reader.get("/upload").text
    assert upload(reviewer, ("a", b"x"), csrf="wrong").status_code == 403
    doors.file_limit = 10
    assert upload(reviewer, ("a", b"x" * 11)).status_code == 413
    assert upload(reviewer, *[("a", b"x")] * 51).status_code == 400
    assert reviewer.post("/upload", data={"csrf": "x"}).status_code == 415
    assert doors.dropped == []
    assert reader.get("/upload/states?d=" + "0" * 64).status_code == 401
    assert reviewer.get("/upload?d=<script>").status_code == 400


@pytest.mark.parametrize(
    ("given", "told"),
    [("../../etc/passwd", "passwd"), ("C:\\Users\\x\\年报.doc", "年报.doc"), ("a\x00b.txt", "a\ufffdb.txt"),
     ("/", "upload"), ("x" * 500, "x" * 200)],
)  # fmt: skip
def test_names_of_uploads_are_names_and_no_paths(given, told):
    assert plain_name(given) == told


async def test_the_live_feed_tells_what_arrives_and_whether_the_bus_is_heard(filled):
    from services.page.adapters.feed import Feed
    from services.page.core.doors import News

    doors = HeardDoors(filled)
    feed = Feed(doors, most=1, masks=True)
    events = feed.listen()
    assert await anext(events) == {"kind": "state", "alive": False}
    assert await anext(events) == {"kind": "state", "alive": True}
    assert feed.is_full
    body = {"document_id": "d" * 64, "file": "<b>.txt", "report_id": "ab", "counts": {"error": 1}}
    await doors.told.put(News("recorded", body))
    told = await anext(events)
    assert (told["kind"], told["file"], told["counts"]) == ("recorded", "<b>.txt", {"error": 1})
    await events.aclose()
    await feed.close()


async def test_without_a_bus_the_feed_says_so(filled):
    from services.page.adapters.feed import Feed

    feed = Feed(HeardDoors(filled, away=True), most=5, masks=True)
    events = feed.listen()
    assert await anext(events) == {"kind": "state", "alive": False}
    await events.aclose()
    await feed.close()


def test_no_more_pages_listen_than_may(filled, tmp_path):
    app, _ = page_of(filled, tmp_path, GOUJI_PAGE_LIVE_READERS=1)
    app._app._app.state.house.feed._listeners.add(None)
    with client_of(app) as client:
        assert client.get("/live").status_code == 503
        app._app._app.state.house.feed._listeners.clear()


def test_personal_data_is_masked_for_readers_and_shown_to_reviewers(tmp_path):
    from tests.support.house import Filled

    filled = Filled(tmp_path)
    text = ALL[0].read_text(encoding="utf-8")
    marked = text.replace("一、", "一、", 1) + "\n联系人：王小明，电话13812345678。\n"
    marked = marked.replace("\n", "\n申请人身份证号11010519491231002X。\n", 3)
    report = filled.report_of(filled.add(marked.encode(), "张三13812345678.txt"))
    app, _ = page_of(filled, tmp_path)
    with client_of(app) as client:
        for path in ("/", f"/reports/{report}", "/files", "/statistics"):
            page = client.get(path).text
            assert "13812345678" not in page, path
            assert "11010519491231002X" not in page, path
        log_in(client)
        assert "11010519491231002X" in client.get(f"/reports/{report}").text
    shown, _ = page_of(filled, tmp_path, personal_data="show")
    with client_of(shown) as client:
        assert "11010519491231002X" in client.get(f"/reports/{report}").text


def test_settings_name_the_hosts_that_are_served(monkeypatch):
    from services.page.settings import PageSettings

    made = PageSettings(GOUJI_PAGE_HOSTS=" Gouji.example , other", GOUJI_PAGE_HOST="10.0.0.1")
    assert made.names == {"127.0.0.1", "localhost", "[::1]", "10.0.0.1", "gouji.example", "other"}
    assert json.loads(made.model_dump_json())["port"] == 8080
