"""What one process shows to those who look after it: its doors, its metrics, its spans.

Nothing of it is loaded where nobody asked for it: no address, no server; no collector, no spans.
"""

import asyncio
import os
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any, Final, Protocol

from shared.language import spoken
from shared.monitoring import measuring, spans
from shared.monitoring.address import parse
from shared.monitoring.catalogue import SERVICE_METRICS, Metric
from shared.monitoring.checks import is_ready
from shared.report.identity import ENGINE_VERSION
from shared.secrets import BadSetting

Values = Mapping[str, Mapping[tuple[str, ...], float]]

_COLLECTORS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_PROTOCOL: Final = "http/protobuf"
_LAST_SPANS_SECONDS: Final = 1.0
RECORDED: Final = tuple(
    m for m in SERVICE_METRICS
    if m.name not in ("gouji_build_info", "gouji_ready", "gouji_messages_in_process")
)  # fmt: skip
"""What every service records."""


class _Doors(Protocol):
    async def open(self) -> None: ...
    async def close(self) -> None: ...


class Monitor:
    """Doors, metrics and spans of one process."""

    def __init__(
        self,
        service: str,
        http_address: str | None,
        *,
        checks: Callable[[], Mapping[str, str]],
        values: Callable[[], Values] = dict,
        recorded: tuple[Metric, ...] = RECORDED,
        rulebook_version: str = "",
    ) -> None:
        """Open nothing yet; `checks` says how ready it is, `values` the gauges that are asked for at a scrape.

        Who records nothing makes no spans either.
        """
        self._service = service
        self._address = http_address
        self._checks = checks
        self._values = values
        self._recorded = recorded
        self._about = {
            "service": service,
            "version": version("gouji"),
            "engine_version": ENGINE_VERSION,
            "rulebook_version": rulebook_version,
        }
        self._doors: _Doors | None = None
        self._registry: Any = None

    async def open(self) -> None:
        """Open what is wanted; raises `BadSetting` for an address that cannot be had."""
        if self._recorded:
            self._trace()
        if self._address is None:
            return
        # loaded only here: nobody else pays for it
        from shared.monitoring.doors import Doors  # noqa: PLC0415
        from shared.monitoring.exposition import Registry  # noqa: PLC0415

        self._registry = Registry(self._recorded, self._asked)
        self._doors = Doors(
            parse(self._address),
            about=self._about,
            checks=self._checks,
            expose=self._registry.expose,
        )
        await self._doors.open()
        measuring.record_with(self._registry)

    async def close(self) -> None:
        """Close the doors, and hand on the last spans if somebody takes them at once."""
        if self._doors is not None:
            measuring.forget(self._registry)
            await self._doors.close()
        tracer = spans.tracer()
        if tracer is None:
            return
        spans.forget()
        last = asyncio.get_running_loop().run_in_executor(None, tracer.close)
        await asyncio.wait((last,), timeout=_LAST_SPANS_SECONDS)

    def _asked(self) -> Values:
        ready = float(is_ready(self._checks()))
        return {
            "gouji_build_info": {tuple(self._about.values()): 1.0},
            "gouji_ready": {(self._service,): ready},
            **self._values(),
        }

    def _trace(self) -> None:
        if not any(os.environ.get(name) for name in _COLLECTORS):
            return
        for name in _PROTOCOLS:
            if os.environ.get(name, _PROTOCOL) != _PROTOCOL:
                raise BadSetting(
                    f"{name}: {os.environ[name]!r}; "
                    + spoken(f"只支持 {_PROTOCOL}", f"only {_PROTOCOL} is spoken here")
                )
        try:
            from shared.monitoring.otlp import OtlpTracer  # noqa: PLC0415
        except ModuleNotFoundError:
            raise BadSetting(
                f"{_COLLECTORS[1]}: "
                + spoken("须安装", "needs")
                + " pip install 'gouji[telemetry]'"
            ) from None
        spans.trace_with(OtlpTracer(self._service, self._about["version"]))
