"""Settings: typed, frozen, and a bad value names its field."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from services.extract.settings import ExtractSettings
from services.ingest.settings import IngestSettings
from shared.runtime.settings import Settings
from shared.secrets import BadSetting


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("250ms", timedelta(milliseconds=250)),
        ("30", timedelta(seconds=30)),
        ("1.5s", timedelta(seconds=1.5)),
        ("2m", timedelta(minutes=2)),
        ("24h", timedelta(hours=24)),
    ],
)
def test_durations_are_written_with_their_unit(monkeypatch, text, span):
    monkeypatch.setenv("GOUJI_ACK_WAIT", text)

    assert Settings().ack_wait == span


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ACK_WAIT", "soon"),
        ("ACK_WAIT", "0s"),
        ("LOOPS", "0"),
        ("LOG_FORMAT", "xml"),
        ("MAX_ATTEMPTS", "-1"),
    ],
)
def test_a_bad_value_names_the_field(monkeypatch, name, value):
    monkeypatch.setenv(f"GOUJI_{name}", value)

    with pytest.raises(BadSetting) as bad:
        Settings()

    assert name in str(bad.value).upper()


def test_a_service_may_have_its_own_number_of_loops(monkeypatch):
    monkeypatch.setenv("GOUJI_LOOPS", "3")
    monkeypatch.setenv("GOUJI_EXTRACT_LOOPS", "7")

    assert (ExtractSettings().loops, IngestSettings().loops) == (7, 3)


def test_settings_cannot_be_changed_later():
    with pytest.raises(ValidationError):
        Settings().loops = 9
