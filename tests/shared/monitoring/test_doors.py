"""A service's doors: what they say, and that they cost nothing where nobody wants them."""

import asyncio
import json
import subprocess
import sys

import pytest

from shared.contracts.events import ReportNormalized, ReportReceived
from shared.errors import Unavailable
from shared.monitoring import measuring
from shared.runtime import monitor
from shared.runtime.bus import Bus
from shared.runtime.readiness import Readiness
from shared.runtime.streams import topology
from shared.secrets import BadSetting
from tests.support.bus import client, fresh, publish, received, running, settings_for, settled
from tests.support.monitoring import free_ports, get, total
from tests.support.toy import Toy, make_app


async def page(port: int, name: str) -> tuple[int, str]:
    return await asyncio.to_thread(get, f"http://127.0.0.1:{port}/{name}")


async def until(status: int, port: int) -> str:
    async with asyncio.timeout(10):
        while True:
            found, body = await page(port, "readyz")
            if found == status:
                return body
            await asyncio.sleep(0.05)


async def test_a_service_is_alive_before_it_is_ready_and_counts_what_it_handles(
    nats_server, tmp_path
):
    port, health = free_ports(1), tmp_path / "health"
    settings = settings_for(nats_server.url, http_address=f"127.0.0.1:{port}", health_file=health,
                            provision=False)  # fmt: skip
    async with client(nats_server.url) as js:
        for stream in await js.streams_info():
            await js.delete_stream(stream.config.name)
        async with running(make_app(settings)):
            async with asyncio.timeout(10):
                while (await page(port, "livez"))[0] != 200:
                    await asyncio.sleep(0.05)
            assert await page(port, "readyz") == (
                503,
                '{"ready":false,"checks":{"bus":"starting"}}',
            )
            assert not health.exists()

            await fresh(js)
            body = await until(200, port)
            assert json.loads(body)["checks"] == {"bus": "ok"}
            assert health.exists()
            for name in ("good.txt", "good2.txt", "bad.txt", "away1.txt"):
                await publish(js, received(name))
            await settled(js, topology.NORMALIZE)
            _, text = await page(port, "metrics")

        handled = "gouji_messages_handled_total"
        assert total(text, handled, consumer="normalize", outcome="normalized") == 3
        assert total(text, handled, consumer="normalize", outcome="refused") == 1
        assert total(text, handled, consumer="normalize", outcome="retried") == 1
        assert total(text, "gouji_refusals_total", reason="not_a_report") == 1
        assert total(text, "gouji_retries_total", error_class="Unavailable") == 1
        assert total(text, "gouji_message_duration_seconds_count", consumer="normalize") == 5
        assert "good" not in text
        assert not measuring.is_on()
        assert (await page(port, "livez"))[0] == 0


async def test_a_store_that_is_away_makes_it_unready_and_not_dead(nats_server, tmp_path):
    port, health, away = free_ports(1), tmp_path / "health", [False]

    def answers() -> None:
        if away[0]:
            raise Unavailable("the database is away")

    settings = settings_for(nats_server.url, http_address=f"127.0.0.1:{port}", health_file=health)
    bus = Bus("normalize", settings)
    bus.bind(topology.NORMALIZE, consumes=(ReportReceived,), produces=(ReportNormalized,),
             handle=Toy().handle)  # fmt: skip
    async with client(nats_server.url) as js:
        await fresh(js)
    async with running(bus.app(stores={"database": answers})):
        await until(200, port)
        away[0] = True
        body = await until(503, port)
        health.unlink()

        assert json.loads(body) == {"ready": False, "checks": {"bus": "ok", "database": "away"}}
        assert (await page(port, "livez"))[0] == 200
        assert total((await page(port, "metrics"))[1], "gouji_ready") == 0
        away[0] = False
        await until(200, port)
        assert health.exists()


async def test_an_address_that_is_taken_stops_the_start_with_its_name(nats_server):
    port = free_ports(1)
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
    app = make_app(settings_for(nats_server.url, http_address=f"127.0.0.1:{port}"))
    async with server:
        with pytest.raises(BadSetting, match=f"GOUJI_HTTP_ADDRESS: 127.0.0.1:{port}"):
            await app.run()


async def test_a_store_that_hangs_is_asked_once_and_holds_up_nobody(monkeypatch):
    monkeypatch.setattr("shared.runtime.readiness._PATIENCE", 0.05)
    asked, answer = [], asyncio.Event()
    loop = asyncio.get_running_loop()

    def hang() -> None:
        asked.append(1)
        asyncio.run_coroutine_threadsafe(answer.wait(), loop).result()

    readiness = Readiness({"database": hang, "archive": lambda: None})
    for _ in range(3):
        assert not await readiness.look("ok")
        assert readiness.found() == {"bus": "ok", "database": "silent", "archive": "ok"}
    assert len(asked) == 1
    answer.set()
    await asyncio.sleep(0.05)
    assert await readiness.look("ok")


async def test_an_old_look_says_nothing_any_more(monkeypatch):
    readiness = Readiness({})
    assert await readiness.look("ok")
    monkeypatch.setattr("shared.runtime.readiness._STALE_AFTER", -1.0)
    assert readiness.found() == {"bus": "ok", "look": "stale"}


async def test_another_protocol_for_spans_is_named(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    with pytest.raises(BadSetting, match=r"OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc'.*http/protobuf"):
        await monitor.Monitor("sink", None, checks=dict).open()


async def test_spans_without_their_extra_are_a_bad_setting(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setitem(sys.modules, "shared.monitoring.otlp", None)
    with pytest.raises(BadSetting, match=r"gouji\[telemetry\]"):
        await monitor.Monitor("sink", None, checks=dict).open()


@pytest.mark.parametrize("service", ["ingest", "extract", "validate", "sink"])
def test_nothing_of_it_is_loaded_where_nobody_wants_it(service):
    wanted = "import sys, services.%s.app; print([m for m in %r if m in sys.modules])"
    heavy = ("prometheus_client", "opentelemetry.sdk", "opentelemetry.trace", "aiohttp.web",
             "shared.monitoring.doors", "shared.monitoring.exposition", "shared.monitoring.otlp")  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", wanted % (service, heavy)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
