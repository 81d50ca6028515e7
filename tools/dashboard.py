"""Writes Grafana's dashboard from the table below: one row a panel. Run `python -m tools.dashboard`."""

import json
from pathlib import Path
from typing import Any, NamedTuple

PATH = Path(__file__).parents[1] / "deploy" / "monitoring" / "grafana" / "gouji.json"
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_RATE = "[$__rate_interval]"


class Panel(NamedTuple):
    """A panel: title, kind, unit, width of 24, and pairs of query and legend."""

    title: str
    kind: str
    unit: str
    width: int
    queries: tuple[tuple[str, str], ...]


def _quantile(share: float, metric: str, by: str = "") -> str:
    grouped = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({grouped}) (rate({metric}_bucket{_RATE})))"


PANELS = (
    Panel("已入库 · recorded", "stat", "short", 4,
          (('max(gouji_line_files{state="recorded"})', ""),)),
    Panel("在办最早 · oldest in flight", "stat", "s", 4,
          (("max(gouji_line_oldest_in_flight_seconds)", ""),)),
    Panel("死信 · dead letters", "stat", "short", 4,
          (("sum(max by (service) (gouji_line_dead_letters)) or vector(0)", ""),)),
    Panel("等待 · messages waiting", "stat", "short", 4,
          (("sum(max by (consumer) (gouji_line_messages_pending))", ""),)),
    Panel("未就绪 · not ready", "stat", "short", 4, (("sum(1 - gouji_ready)", ""),)),
    Panel("没有应答 · down", "stat", "short", 4,
          (('count(up{job=~"gouji|gouji-line"} == 0) or vector(0)', ""),)),
    Panel("各状态文件 · files by state", "timeseries", "short", 12,
          (("max by (state) (gouji_line_files)", "{{state}}"),)),
    Panel("吞吐 · throughput, messages/s", "timeseries", "ops", 12,
          ((f"sum by (consumer) (rate(gouji_messages_handled_total{_RATE}))", "{{consumer}}"),)),
    Panel("各阶段等待 · waiting per stage", "timeseries", "short", 12,
          (("max by (consumer) (gouji_line_messages_pending)", "{{consumer}}"),)),
    Panel("各阶段在办 · in work or to be retried per stage", "timeseries", "short", 12,
          (("max by (consumer) (gouji_line_messages_ack_pending)", "{{consumer}}"),)),
    Panel("在办最早 · oldest file in flight", "timeseries", "s", 12,
          (("max(gouji_line_oldest_in_flight_seconds)", "oldest"),)),
    Panel("耗时 p50、p99 · time per message", "timeseries", "s", 12,
          ((_quantile(0.5, "gouji_message_duration_seconds", "consumer"), "{{consumer}} p50"),
           (_quantile(0.99, "gouji_message_duration_seconds", "consumer"), "{{consumer}} p99"))),
    Panel("问题（按规则）· issues by rule, an hour", "timeseries", "short", 12,
          (("topk(12, sum by (rule) (increase(gouji_issues_total[1h])))", "{{rule}}"),)),
    Panel("问题（按级别与来源）· issues by severity and origin, an hour", "timeseries", "short", 12,
          (("sum by (severity, origin) (increase(gouji_issues_total[1h]))", "{{severity}} {{origin}}"),)),
    Panel("拒收原因 · refusals by reason, an hour", "timeseries", "short", 12,
          (("sum by (reason) (increase(gouji_refusals_total[1h]))", "{{reason}}"),)),
    Panel("结局 · outcomes, messages/s", "timeseries", "ops", 12,
          ((f"sum by (outcome) (rate(gouji_messages_handled_total{_RATE}))", "{{outcome}}"),)),
    Panel("重试 · retries/s", "timeseries", "ops", 12,
          ((f"sum by (consumer, error_class) (rate(gouji_retries_total{_RATE}))", "{{consumer}} {{error_class}}"),
           (f"sum(rate(gouji_publish_retries_total{_RATE}))", "publish"))),
    Panel("死信 · dead letters", "timeseries", "short", 12,
          (("max by (service) (gouji_line_dead_letters)", "{{service}} waiting"),
           ("sum by (consumer, error_class) (increase(gouji_dead_letters_total[1h]))",
            "{{consumer}} {{error_class}}, an hour"))),
    Panel("总线占用 · bus fill", "timeseries", "percentunit", 12,
          (("max by (stream) (gouji_line_stream_bytes / (gouji_line_stream_limit_bytes > 0))", "{{stream}}"),)),
    Panel("识别 · OCR: files waiting, pages in work, pages a minute", "timeseries", "short", 12,
          (('max(gouji_line_messages_pending{consumer="normalize-ocr"})', "files waiting"),
           ("sum(gouji_ocr_pages_waiting)", "pages in work"),
           (f"60 * sum by (result) (rate(gouji_ocr_pages_total{_RATE}))", "{{result}} a minute"))),
    Panel("识别每页 · time per page", "timeseries", "s", 12,
          ((_quantile(0.5, "gouji_ocr_page_duration_seconds"), "p50"),
           (_quantile(0.95, "gouji_ocr_page_duration_seconds"), "p95"))),
    Panel("读取失败 · files that broke a reader, an hour", "timeseries", "short", 12,
          (("sum by (format, reason) (increase(gouji_reader_failures_total[1h]))", "{{format}} {{reason}}"),
           ("sum by (isolation) (increase(gouji_workers_killed_total[1h]))", "killed: {{isolation}}"))),
    Panel("数据库写入 · database writes", "timeseries", "s", 12,
          ((_quantile(0.5, "gouji_database_write_duration_seconds"), "p50"),
           (_quantile(0.99, "gouji_database_write_duration_seconds"), "p99"))),
    Panel("每次写入事件数 · events per transaction", "timeseries", "short", 12,
          ((f"sum(rate(gouji_database_batch_events_sum{_RATE})) / sum(rate(gouji_database_batch_events_count{_RATE}))",
            "mean"),)),
    Panel("审阅页面 · review page: answers/s, open pages", "timeseries", "short", 12,
          ((f"sum by (status) (rate(gouji_page_requests_total{_RATE}))", "{{status}}"),
           ("sum(gouji_page_listeners)", "open pages"))),
    Panel("审阅页面耗时 · time per answer", "timeseries", "s", 12,
          ((_quantile(0.5, "gouji_page_request_duration_seconds", "page"), "{{page}} p50"),
           (_quantile(0.99, "gouji_page_request_duration_seconds", "page"), "{{page}} p99"))),
    Panel("内存 · memory", "timeseries", "bytes", 12,
          (('process_resident_memory_bytes{job=~"gouji|gouji-line"}', "{{instance}}"),)),
    Panel("处理器 · processor", "timeseries", "percentunit", 12,
          ((f'rate(process_cpu_seconds_total{{job=~"gouji|gouji-line"}}{_RATE})', "{{instance}}"),)),
    Panel("版本 · versions", "table", "short", 24,
          (("count by (service, version, engine_version, rulebook_version) (gouji_build_info)", ""),)),
)  # fmt: skip


def dashboard() -> str:
    """Return the dashboard as Grafana imports it."""
    panels: list[dict[str, Any]] = []
    x = y = 0
    for number, panel in enumerate(PANELS, 1):
        height = 4 if panel.kind == "stat" else 8
        if x + panel.width > 24:
            x, y = 0, y + panels[-1]["gridPos"]["h"]
        place = {"x": x, "y": y, "w": panel.width, "h": height}
        panels.append(_panel(number, panel, place))
        x += panel.width
    choice = {
        "name": "datasource", "type": "datasource", "query": "prometheus",
        "label": "Prometheus", "hide": 0,
    }  # fmt: skip
    found = {
        "uid": "gouji",
        "title": "勾稽 gouji",
        "tags": ["gouji"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [choice]},
        "panels": panels,
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _panel(number: int, panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    targets = [
        {
            "refId": chr(ord("A") + n),
            "datasource": _SOURCE,
            "expr": query,
            "legendFormat": legend or "__auto",
            **({"instant": True, "format": "table"} if panel.kind == "table" else {}),
        }
        for n, (query, legend) in enumerate(panel.queries)
    ]
    return {
        "id": number,
        "title": panel.title,
        "type": panel.kind,
        "datasource": _SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {},
        "targets": targets,
    }


if __name__ == "__main__":
    PATH.parent.mkdir(parents=True, exist_ok=True)
    PATH.write_text(dashboard(), encoding="utf-8")
