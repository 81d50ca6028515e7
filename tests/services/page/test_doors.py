"""The page shows how it is to those who look after it, at an address of its own."""

import socket
import time
import urllib.error
import urllib.request

import pytest

from tests.support.house import client_of, log_in, page_of


@pytest.fixture
def address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def scraped(address: str, path: str = "/metrics") -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def within(seconds: float, look) -> None:
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_is_asked_of_the_page_is_counted(filled, tmp_path, address):
    app, _ = page_of(filled, tmp_path, http_address=address)
    with client_of(app) as client:
        for path in ("/", "/files", "/no/such", "/reports/zz", "/livez"):
            client.get(path)
        log_in(client, password="wrong wrong wrong")
        log_in(client)
        text = scraped(address)[1]

    assert 'gouji_page_requests_total{page="list",status="2xx"} 1.0' in text
    assert 'gouji_page_requests_total{page="files",status="2xx"} 1.0' in text
    assert 'gouji_page_requests_total{page="other",status="4xx"} 1.0' in text
    assert 'gouji_page_requests_total{page="reports",status="4xx"} 1.0' in text
    assert 'gouji_page_request_duration_seconds_count{page="list"} 1.0' in text
    assert 'gouji_page_logins_total{outcome="ok"} 1.0' in text
    assert 'gouji_page_logins_total{outcome="refused"} 1.0' in text
    assert "gouji_page_listeners 0.0" in text
    assert "livez" not in text


def test_it_is_ready_while_the_database_answers_and_touches_its_file(filled, tmp_path, address):
    health = tmp_path / "health"
    app, _ = page_of(filled, tmp_path, http_address=address, health_file=health)
    with client_of(app):
        within(10, lambda: scraped(address, "/readyz")[0] == 200)
        assert 'gouji_ready{service="page"} 1.0' in scraped(address)[1]
        assert health.exists()


def test_it_lives_and_is_not_ready_without_a_database(filled, tmp_path, address, monkeypatch):
    monkeypatch.setattr(filled, "url", f"sqlite:///{tmp_path}/none.db")
    health = tmp_path / "health"
    app, _ = page_of(filled, tmp_path, http_address=address, health_file=health)
    with client_of(app):
        within(10, lambda: "away" in scraped(address, "/readyz")[1])
        assert scraped(address, "/livez")[0] == 200
        assert scraped(address, "/readyz")[0] == 503
        assert not health.exists()
