"""What an operator can set for normalize, as it is written in an environment."""

from datetime import timedelta

import pytest

from services.normalize.app import LANES, create_app
from services.normalize.settings import NormalizeSettings
from shared.secrets import BadSetting


def test_a_process_serves_every_lane_unless_told_otherwise():
    assert NormalizeSettings().lanes == ("quick", "office", "ocr")


def test_lanes_limits_and_loops_are_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("GOUJI_NORMALIZE_LANES", "ocr, office")
    monkeypatch.setenv("GOUJI_READER_SECONDS", "5s")
    monkeypatch.setenv("GOUJI_READER_MEMORY", "300MiB")
    monkeypatch.setenv("GOUJI_OCR_LOOPS", "3")

    settings = NormalizeSettings()

    assert settings.lanes == ("ocr", "office")
    assert settings.reader_seconds == timedelta(seconds=5)
    assert settings.reader_memory == 300 << 20
    assert settings.loops_of("ocr") == 3
    assert create_app(settings)


@pytest.mark.parametrize("lanes", ["", "quick,fast"])
def test_a_lane_that_nobody_knows_stops_the_start(monkeypatch, lanes):
    monkeypatch.setenv("GOUJI_NORMALIZE_LANES", lanes)

    with pytest.raises(BadSetting, match="GOUJI_NORMALIZE_LANES"):
        NormalizeSettings()


def test_a_later_lane_gives_the_earlier_help_too():
    assert LANES["ocr"].help_from == ("office", "ocr")
    assert LANES["office"].help_from == ("office",)
    assert LANES["quick"].help_from == ()
