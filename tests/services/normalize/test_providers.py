"""What recognition computes on is a setting, and one that is not to be had stops the start."""

import resource

import pytest

from services.normalize.adapters.ocr import providers
from services.normalize.adapters.workshop import Workshop
from services.normalize.settings import NormalizeSettings
from shared.runtime.confined import confinement
from shared.secrets import BadSetting


def test_the_processor_is_the_default_and_asks_for_nothing(monkeypatch):
    monkeypatch.setattr("services.normalize.settings.offered", list)

    assert NormalizeSettings().ocr_provider == "cpu"
    assert NormalizeSettings(ocr_provider="cpu").ocr_provider == "cpu"


def test_the_onnxruntime_here_offers_the_processor():
    pytest.importorskip("onnxruntime", reason="the extra `ocr` is not installed")

    assert "cpu" in providers.offered()
    assert providers.wished("cpu") == ["CPUExecutionProvider"]
    assert providers.wished("cuda") == ["CUDAExecutionProvider", "CPUExecutionProvider"]


def test_a_provider_that_is_not_there_stops_the_start_with_what_is(monkeypatch):
    monkeypatch.setattr("services.normalize.settings.offered", lambda: ["cpu", "openvino"])
    monkeypatch.setenv("GOUJI_OCR_PROVIDER", "cuda")

    with pytest.raises(BadSetting) as refused:
        NormalizeSettings()

    told = str(refused.value)
    assert told.startswith("GOUJI_OCR_PROVIDER='cuda': ")
    assert "what this machine offers: cpu | openvino" in told


def test_a_word_that_is_no_provider_is_refused_with_all_of_them(monkeypatch):
    monkeypatch.setenv("GOUJI_OCR_PROVIDER", "gpu")

    with pytest.raises(BadSetting, match=r"cpu \| cuda \| tensorrt"):
        NormalizeSettings()


def test_a_process_that_recognises_nothing_does_not_ask(monkeypatch):
    """Machines with and without a card may share their settings."""
    monkeypatch.setattr("services.normalize.settings.offered", lambda: ["cpu"])
    monkeypatch.setenv("GOUJI_OCR_PROVIDER", "cuda")
    monkeypatch.setenv("GOUJI_NORMALIZE_LANES", "quick,office")

    assert NormalizeSettings().ocr_provider == "cuda"


def test_a_provider_that_falls_back_without_a_word_is_told_of():
    providers.make_sure("cuda", ["CUDAExecutionProvider", "CPUExecutionProvider"])

    with pytest.raises(providers.ProviderAway, match="GOUJI_OCR_PROVIDER=cuda"):
        providers.make_sure("cuda", ["CPUExecutionProvider"])


def test_the_driver_of_a_card_may_map_what_it_wants_and_own_memory_stays_bound(monkeypatch):
    monkeypatch.setattr("services.normalize.settings.offered", lambda: ["cpu", "cuda"])
    on_card = Workshop(NormalizeSettings(ocr_provider="cuda"))._recognising.limits
    on_processor = Workshop(NormalizeSettings())._recognising.limits
    asked = []
    monkeypatch.setattr(resource, "setrlimit", lambda what, _: asked.append(what))

    confinement._set_limits(on_card)

    assert on_card.memory_bytes == on_processor.memory_bytes
    assert on_processor.address_bytes is not None
    assert resource.RLIMIT_DATA in asked
    assert resource.RLIMIT_AS not in asked
