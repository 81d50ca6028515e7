"""Where a process listens is said in one way, and a mistake is named."""

import pytest

from shared.monitoring.address import parse
from shared.runtime.settings import Settings
from shared.secrets import BadSetting


@pytest.mark.parametrize("text", ["127.0.0.1:9100", "[::1]:9100", "ingest.example.org:80"])
def test_an_address_reads_as_it_is_written(text):
    assert str(parse(text)) == text


def test_the_next_processes_take_the_next_ports():
    assert str(parse("[::1]:9100").further(2)) == "[::1]:9102"


@pytest.mark.parametrize(
    "text",
    ["9100", ":9100", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "h:80/x", "u@h:80",
     "http://h:80", "a:b:c"],
)  # fmt: skip
def test_what_is_no_address_is_quoted_with_its_setting_and_what_is_allowed(text):
    with pytest.raises(BadSetting, match="GOUJI_HTTP_ADDRESS") as caught:
        Settings(http_address=text)
    assert repr(text) in str(caught.value)
    assert "127.0.0.1:9101" in str(caught.value)


def test_an_empty_setting_is_none(monkeypatch):
    monkeypatch.setenv("GOUJI_HTTP_ADDRESS", "")
    assert Settings().http_address is None
