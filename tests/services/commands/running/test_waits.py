"""How long the scans that wait will take: the sum, and what it is made from."""

from datetime import timedelta

import pytest

from services.commands.running.lags import Lag
from services.commands.running.waits import Passage, Wait, passages_of, recognition, told, wait_of
from shared.contracts.events import ReportDeferred, ReportNormalized, ReportRefused
from shared.runtime.connections.embedded import NatsServer
from shared.runtime.streams import topology
from tests.support import bus

OCR = topology.NORMALIZE_OCR.name


def at(seconds: float):
    return bus.MOMENT + timedelta(seconds=seconds)


def passage(waited_from: float, ended: float) -> Passage:
    return Passage(at(waited_from), at(ended))


def test_files_times_seconds_a_file_by_copies():
    """Five scans came at once and one after another took six seconds each."""
    done = [passage(0, 6 * n) for n in range(1, 6)]

    assert wait_of(Lag(OCR, 9, 1, 0), done) == Wait(10, 1, 4, 6.0, 60.0)


def test_two_at_a_time_take_half_as_long():
    done = [passage(0, 6 * n) for n in (1, 1.1, 2, 2.1, 3, 3.1)]

    found = wait_of(Lag(OCR, 8, 2, 0), done)

    assert found.seconds_a_file == pytest.approx(6.0)
    assert found.seconds == pytest.approx(10 * 6.0 / 2)


def test_the_time_nobody_waited_counts_for_nothing():
    """An hour between two scans is no time that a scan takes."""
    done = [passage(0, 5), passage(3600, 3605), passage(7200, 7205)]

    assert wait_of(Lag(OCR, 2, 0, 1), done).seconds == 10.0


def test_nothing_measured_or_nobody_at_work_is_unknown():
    nothing = wait_of(Lag(OCR, 3, 1, 0), [])
    nobody = wait_of(Lag(OCR, 3, 0, 0), [passage(0, 5)])

    assert (nothing.seconds_a_file, nothing.seconds) == (None, None)
    assert (nobody.seconds_a_file, nobody.seconds) == (5.0, None)
    assert "unknown" in told(nothing)
    assert "unknown" in told(nobody)
    assert "about 2.0 h more" in told(wait_of(Lag(OCR, 79, 1, 0), [passage(0, 90)]))
    assert "about 90 s each (by the last 1)" in told(wait_of(Lag(OCR, 79, 1, 0), [passage(0, 90)]))
    assert "还需约 2.0 小时" in told(wait_of(Lag(OCR, 79, 1, 0), [passage(0, 90)]))


def test_only_what_was_deferred_and_then_ended_was_a_passage():
    deferred, read = f"{ReportDeferred.subject}.ocr", ReportNormalized.subject

    found = passages_of(
        [
            (read, "digital", at(0)),
            (deferred, "a", at(1)),
            (deferred, "b", at(2)),
            (read, "digital too", at(3)),
            (ReportRefused.subject, "a", at(4)),
            (read, "a", at(5)),
        ]
    )

    assert found == [passage(1, 4)]


@pytest.mark.system
async def test_what_the_bus_has_is_enough(tmp_path):
    with NatsServer(tmp_path, sync="2m") as server:
        async with bus.client(server.url) as js:
            await bus.fresh(js)
            for name in ("a", "b"):
                seen = bus.received(name)
                known = {"document_id": seen.document_id, "file": name, "received_at": bus.MOMENT}
                await bus.publish(js, ReportDeferred(**known, lane="ocr"))
            await bus.publish(
                js,
                ReportRefused(
                    document_id=bus.received("a").document_id, file="a", received_at=bus.MOMENT,
                    stage="normalize", reason="no_text", detail_zh="无", detail_en="none",
                ),
            )  # fmt: skip

            idle = await recognition(js, [Lag(OCR, 0, 0, 1)])
            found = await recognition(js, [Lag(OCR, 1, 0, 1)])

    assert idle is None
    assert found is not None
    assert (found.files, found.measured) == (1, 1)
    assert found.seconds is not None
    assert found.seconds >= 0
