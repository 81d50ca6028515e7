"""Metrics as Prometheus reads them; the only module that loads its client library."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import prometheus_client
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from shared.monitoring.catalogue import METRICS, Metric

Values = Mapping[str, Mapping[tuple[str, ...], float]]
"""Values of gauges at one moment: by the name of the metric, then by its labels."""

_KINDS: Final[dict[str, Any]] = {
    "counter": prometheus_client.Counter,
    "gauge": prometheus_client.Gauge,
}
# when a series began is a second series for each; nobody asks
prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]


class Registry:
    """The metrics of one process: what is recorded, and what is asked for at the scrape."""

    def __init__(
        self, recorded: Iterable[Metric], asked: Callable[[], Values], *, process: bool = True
    ) -> None:
        """Keep the `recorded` ones; `asked` returns the others whenever somebody looks.

        With `process` there are memory, processor time and open files of this process too.
        """
        self._registry = CollectorRegistry(auto_describe=False)
        self._metrics: dict[str, Any] = {m.name: self._made(m) for m in recorded}
        self._series: dict[tuple[str, tuple[str, ...]], Any] = {}
        self._registry.register(_Asked(asked))
        if process:
            prometheus_client.ProcessCollector(registry=self._registry)

    def count(self, name: str, labels: tuple[str, ...], amount: float) -> None:
        """Add to a counter."""
        self._of(name, labels).inc(amount)

    def observe(self, name: str, labels: tuple[str, ...], value: float) -> None:
        """Take one value into a histogram."""
        self._of(name, labels).observe(value)

    def shift(self, name: str, labels: tuple[str, ...], by: float) -> None:
        """Move a gauge up or down."""
        self._of(name, labels).inc(by)

    def expose(self, accept: str) -> tuple[bytes, str]:
        """Return all metrics in the format that a scraper accepts best, and its media type."""
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type

    def _of(self, name: str, labels: tuple[str, ...]) -> Any:
        key = (name, labels)
        found = self._series.get(key)
        if found is None:
            metric = self._metrics[name]
            found = self._series[key] = metric.labels(*labels) if labels else metric
        return found

    def _made(self, metric: Metric) -> Any:
        if metric.kind == "histogram":
            return prometheus_client.Histogram(
                metric.name, metric.help, metric.labels, registry=self._registry,
                buckets=metric.buckets,
            )  # fmt: skip
        return _KINDS[metric.kind](metric.name, metric.help, metric.labels, registry=self._registry)


class _Asked(Collector):
    """Gauges whose values are asked for at the moment of the scrape: none outlives what it spoke of."""

    def __init__(self, ask: Callable[[], Values]) -> None:
        self._ask = ask

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield one family for each metric there is a value of."""
        for name, series in self._ask().items():
            metric = METRICS[name]
            family = GaugeMetricFamily(metric.name, metric.help, labels=_listed(metric.labels))
            for labels, value in series.items():
                family.add_metric(_listed(labels), value)
            yield family


def _listed(labels: Sequence[str]) -> list[str]:
    return list(labels)
