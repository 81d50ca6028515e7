"""Results of recognition are kept whole, found again, and never trusted when damaged."""

import os

import pytest

from services.normalize.adapters.recognitions import RecognitionCache
from services.normalize.core.composing import Grid, Slot, Text
from services.normalize.core.outcomes import Recognition

FOUND = Recognition(
    blocks=(
        Text("标题", page=1, bbox=(1.0, 2.0, 3.0, 4.0), confidence=0.5),
        Grid((Slot("12", 0, 1, columns=2, unread=True, alternatives=(("72", 0.25),)),)),
    ),
    confidence=0.75,
    width=100,
    height=200,
)


@pytest.fixture
def cache(tmp_path) -> RecognitionCache:
    return RecognitionCache(tmp_path, 1 << 20)


def test_a_result_comes_back_equal(cache):
    cache.put("ab" * 32, "net/1", FOUND)

    assert cache.get("ab" * 32, "net/1") == FOUND


def test_another_version_or_picture_has_none(cache):
    cache.put("ab" * 32, "net/1", FOUND)

    assert cache.get("ab" * 32, "net/2") is None
    assert cache.get("cd" * 32, "net/1") is None


@pytest.mark.parametrize("damage", [b"", b"x", b"\x78\x01\x03"])
def test_a_damaged_result_is_none(cache, tmp_path, damage):
    cache.put("ab" * 32, "1", FOUND)
    (path,) = tmp_path.glob("*/*/*")
    path.write_bytes(damage)

    assert cache.get("ab" * 32, "1") is None


def test_the_oldest_go_when_the_space_is_full(tmp_path):
    cache = RecognitionCache(tmp_path, 10 << 10)
    for number in range(100):
        cache.put(f"{number:064}", "1", FOUND)
        (path,) = tmp_path.glob(f"*/*/{number:064}*")
        os.utime(path, (number, number))

    cache.make_room()

    assert sum(p.stat().st_size for p in tmp_path.glob("*/*/*")) <= 10 << 10
    assert cache.get(f"{99:064}", "1") == FOUND
    assert cache.get(f"{0:064}", "1") is None


def test_a_disk_that_takes_nothing_is_no_failure(tmp_path):
    (tmp_path / "file").write_text("")
    cache = RecognitionCache(tmp_path / "file", 1 << 20)

    cache.put("ab" * 32, "1", FOUND)

    assert cache.get("ab" * 32, "1") is None


def test_nothing_is_kept_when_there_is_no_room_at_all(tmp_path):
    RecognitionCache(tmp_path, 0).put("ab" * 32, "1", FOUND)

    assert list(tmp_path.iterdir()) == []
