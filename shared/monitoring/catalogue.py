"""Every metric of gouji: its name, what it says, and the few values its labels may take.

No label names an agency, a file or a document: their number has no bound. docs/metrics.md is made of this.
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

Counter = Literal[
    "gouji_messages_handled_total",
    "gouji_retries_total",
    "gouji_dead_letters_total",
    "gouji_refusals_total",
    "gouji_issues_total",
    "gouji_publish_retries_total",
    "gouji_reader_failures_total",
    "gouji_workers_killed_total",
    "gouji_ocr_pages_total",
    "gouji_page_requests_total",
    "gouji_page_logins_total",
    "gouji_page_uploads_total",
    "gouji_page_decisions_total",
]
"""What only grows while a process lives."""

Histogram = Literal[
    "gouji_message_duration_seconds",
    "gouji_ocr_page_duration_seconds",
    "gouji_database_write_duration_seconds",
    "gouji_database_batch_events",
    "gouji_page_request_duration_seconds",
]
"""What is measured one by one."""

Gauge = Literal["gouji_ocr_pages_waiting"]
"""What goes up and down as work comes and goes."""

State = Literal[
    "gouji_build_info", "gouji_ready", "gouji_messages_in_process", "gouji_page_listeners"
]
"""What a process is asked for at the moment of the scrape."""

LineState = Literal[
    "gouji_line_store_up",
    "gouji_line_files",
    "gouji_line_reports",
    "gouji_line_oldest_in_flight_seconds",
    "gouji_line_messages_pending",
    "gouji_line_messages_ack_pending",
    "gouji_line_messages_redelivered",
    "gouji_line_pulls_waiting",
    "gouji_line_stream_bytes",
    "gouji_line_stream_limit_bytes",
    "gouji_line_stream_messages",
    "gouji_line_dead_letters",
    "gouji_line_backup_timestamp_seconds",
]
"""What is true of the whole line: told by one exporter only, so that nothing is counted twice."""

Name = Counter | Histogram | Gauge | State | LineState
Kind = Literal["counter", "histogram", "gauge"]

_FAST: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_PAGES: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0)
_BATCHES: Final = (1.0, 2.0, 4.0, 8.0, 12.0, 16.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `labels` are in the order in which values are given; `buckets` of histograms alone."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    @property
    def kind(self) -> Kind:
        """Tell whether it only grows, is measured one by one, or goes up and down."""
        if self.name in get_args(Counter):
            return "counter"
        return "histogram" if self.name in get_args(Histogram) else "gauge"


SERVICE_METRICS: Final = (
    Metric("gouji_build_info", "Always 1; the labels say what runs.",
           ("service", "version", "engine_version", "rulebook_version")),
    Metric("gouji_ready", "1 while bus, consumers and stores answer: what /readyz says.", ("service",)),
    Metric("gouji_messages_handled_total",
           "Deliveries by how they ended: one for each message.handled line of the log.",
           ("consumer", "outcome")),
    Metric("gouji_message_duration_seconds", "From delivery to acknowledgement.", ("consumer",), _FAST),
    Metric("gouji_messages_in_process", "Messages that this process has in hand.", ("service",)),
    Metric("gouji_retries_total", "Deliveries that failed and come again.",
           ("consumer", "error_class")),
    Metric("gouji_dead_letters_total", "Messages given up by this process since it started.",
           ("consumer", "error_class")),
    Metric("gouji_refusals_total", "Files that can never become a record, by the closed list of reasons.",
           ("reason",)),
    Metric("gouji_issues_total",
           "Issues found and published; a message that comes twice counts twice.",
           ("rule", "severity", "origin")),
    Metric("gouji_publish_retries_total", "Results that the bus did not confirm and that were sent again."),
    Metric("gouji_reader_failures_total",
           "Files that broke a reader: timed_out, out_of_memory, reader_crashed, hostile.",
           ("format", "reason")),
    Metric("gouji_workers_killed_total", "Worker processes that somebody else ended.", ("isolation",)),
    Metric("gouji_ocr_pages_total", "Scanned pages: recognised, cached (known by their hash) or failed.",
           ("result",)),
    Metric("gouji_ocr_pages_waiting", "Scanned pages asked for and not yet done in this process."),
    Metric("gouji_ocr_page_duration_seconds", "Recognition of one page, waiting included.", (), _PAGES),
    Metric("gouji_database_write_duration_seconds", "One transaction of the sink.", (), _FAST),
    Metric("gouji_database_batch_events", "Events that one transaction of the sink wrote.", (), _BATCHES),
)  # fmt: skip
"""Told by every service about itself; sum them over copies."""

PAGE_METRICS: Final = (
    Metric("gouji_page_requests_total", "Requests answered: which page, and the class of the status (2xx, 4xx, …).",
           ("page", "status")),
    Metric("gouji_page_request_duration_seconds", "From request to the end of the answer; without /live.",
           ("page",), _FAST),
    Metric("gouji_page_listeners", "Open pages that update themselves."),
    Metric("gouji_page_logins_total", "Logins: ok, refused (wrong name or password), throttled.", ("outcome",)),
    Metric("gouji_page_uploads_total", "Files put into the watched bucket by the page."),
    Metric("gouji_page_decisions_total", "Decisions sent, by verdict.", ("verdict",)),
)  # fmt: skip
"""Told by the review page, beside those of every service."""

LINE_METRICS: Final = (
    Metric("gouji_line_store_up", "1 if the exporter reached it lately: bus, database, backups.", ("store",)),
    Metric("gouji_line_files", "Dropped names by terminal state, as the database has them.", ("state",)),
    Metric("gouji_line_reports", "Reports on file: agency, year and scope."),
    Metric("gouji_line_oldest_in_flight_seconds",
           "Age since its arrival of the oldest file that some stage still has before it; 0 without one."),
    Metric("gouji_line_messages_pending", "Messages that wait for a stage.", ("consumer",)),
    Metric("gouji_line_messages_ack_pending", "Messages that a stage has in work or will retry.",
           ("consumer",)),
    Metric("gouji_line_messages_redelivered", "Of these, delivered more than once.", ("consumer",)),
    Metric("gouji_line_pulls_waiting", "Loops of running copies that ask for work; 0: nobody listens or all "
           "are busy.", ("consumer",)),
    Metric("gouji_line_stream_bytes", "Bytes that a stream holds.", ("stream",)),
    Metric("gouji_line_stream_limit_bytes", "Bytes that a stream may hold.", ("stream",)),
    Metric("gouji_line_stream_messages", "Messages that a stream holds.", ("stream",)),
    Metric("gouji_line_dead_letters", "Dead letters on the bus that nobody has replayed.", ("service",)),
    Metric("gouji_line_backup_timestamp_seconds",
           "When the newest whole backup began, in seconds since 1970; only with --backups."),
)  # fmt: skip
"""Told by the one exporter of the line (`gouji metrics`, `gouji up`, `gouji provision --stay`)."""

METRICS: Final = {
    metric.name: metric for metric in (*SERVICE_METRICS, *PAGE_METRICS, *LINE_METRICS)
}
