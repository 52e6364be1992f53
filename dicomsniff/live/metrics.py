"""Events in, Prometheus metrics out, served over HTTP; label values are bounded however many names the wire brings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dicomsniff.capture import CaptureError, PacketBlock
from dicomsniff.live.events import CLOSED, EXCHANGE, FINDING, Event
from dicomsniff.live.watch import Status

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

PAIRS = 200
"""Pairs of AE titles with metrics of their own; a scanner that calls itself something else every time makes no more."""
SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
SERVICES = frozenset(
    {
        "C-ECHO", "C-STORE", "C-FIND", "C-GET", "C-MOVE",
        "N-EVENT-REPORT", "N-GET", "N-SET", "N-ACTION", "N-CREATE", "N-DELETE",
    }
)  # fmt: skip
OTHER = "other"


class Metrics:
    """A listener that counts. Raises CaptureError without prometheus_client."""

    def __init__(self) -> None:
        try:
            from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
        except ImportError:
            raise CaptureError("--metrics needs prometheus_client: pip install 'dicomsniff[metrics]'") from None
        registry = self.registry = CollectorRegistry()
        self._pairs: set[tuple[str, str]] = set()
        self._associations = Counter(
            "dicom_associations", "Associations that ended, by AE titles and outcome.",
            ["calling_ae", "called_ae", "outcome"], registry=registry,
        )  # fmt: skip
        self._exchanges = Counter(
            "dicom_exchanges", "Requests by service and how they were answered.",
            ["service", "status_class"], registry=registry,
        )  # fmt: skip
        self._response = Histogram(
            "dicom_response_seconds", "From the end of a request to its first response.",
            ["service"], buckets=SECONDS, registry=registry,
        )  # fmt: skip
        self._findings = Counter(
            "dicomsniff_findings", "Findings told, by rule and severity.", ["rule", "severity"], registry=registry
        )
        self._open = Gauge("dicom_associations_open", "Associations open now.", registry=registry)
        self._packets = Counter("dicomsniff_packets", "Packets seen.", registry=registry)
        self._bytes = Counter("dicomsniff_bytes", "Bytes of packets seen.", registry=registry)
        self._dropped = Counter(
            "dicomsniff_dropped_packets", "Packets dropped before they could be read.", registry=registry
        )
        self._counted = 0

    def block(self, block: PacketBlock) -> None:
        self._packets.inc(len(block))
        self._bytes.inc(int(block.wire.sum()))

    def happened(self, events: Sequence[Event], status: Status) -> None:
        for event in events:
            self._count(event)
        dropped = status.dropped or 0
        self._dropped.inc(max(0, dropped - self._counted))
        self._counted = max(dropped, self._counted)
        self._open.set(len(status.open))

    def _count(self, event: Event) -> None:
        row = event.row
        if event.kind == CLOSED:
            self._associations.labels(*self._pair(row["calling_ae"], row["called_ae"]), row["outcome"]).inc()
        elif event.kind == EXCHANGE:
            service = row["service"] if row["service"] in SERVICES else OTHER
            self._exchanges.labels(service, row["status_class"] or row["outcome"]).inc()
            if row["first_response_ms"] is not None:
                self._response.labels(service).observe(row["first_response_ms"] / 1000)
        elif event.kind == FINDING:
            self._findings.labels(row["rule"], row["severity"]).inc()

    def _pair(self, calling: str | None, called: str | None) -> tuple[str, str]:
        pair = calling or "?", called or "?"
        if pair not in self._pairs:
            if len(self._pairs) >= PAIRS:
                return OTHER, OTHER
            self._pairs.add(pair)
        return pair


class MetricsServer:
    """Serves the metrics until it is closed."""

    def __init__(self, registry: CollectorRegistry, host: str, port: int) -> None:
        """Raises OSError where nobody may listen there."""
        from prometheus_client import start_http_server

        self._server, self._thread = start_http_server(port, host, registry)
        self.port: int = self._server.server_port

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
