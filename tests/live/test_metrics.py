"""Metrics: what happened is counted, and however many names come, the number of series is bounded."""

import sys
from pathlib import Path
from unittest.mock import Mock
from urllib.request import urlopen

import pytest

from dicomsniff.capture import CaptureError
from dicomsniff.live.events import CLOSED, Event
from dicomsniff.live.metrics import PAIRS, Metrics, MetricsServer
from dicomsniff.live.watch import Watch
from dicomsniff.pipeline import Options
from tests.live.replaying import ENDLESS, judged, piped

pytest.importorskip("prometheus_client")


def test_everything_that_happened_is_counted_and_served(failing: Path) -> None:
    metrics = Metrics()
    server = MetricsServer(metrics.registry, "127.0.0.1", 0)
    Watch(piped(failing.read_bytes(), 700), Options(fence=False), judged, [metrics], bounds=ENDLESS).run()
    text = urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=10).read().decode()
    server.close()
    value = metrics.registry.get_sample_value
    assert value("dicom_exchanges_total", {"service": "C-STORE", "status_class": "failure"}) == 1
    assert value("dicom_exchanges_total", {"service": "C-STORE", "status_class": "success"}) == 1
    assert value("dicom_response_seconds_count", {"service": "C-STORE"}) == 2
    assert value("dicomsniff_findings_total", {"rule": "DS-STORE-001", "severity": "error"}) == 1
    assert value("dicomsniff_packets_total") == 18 and (value("dicomsniff_bytes_total") or 0) > 1000
    assert value("dicom_associations_open") == 0
    assert 'outcome="released"' in text and "dicomsniff_dropped_packets_total 0.0" in text


def test_a_thousand_titles_make_no_more_series_than_allowed() -> None:
    metrics = Metrics()
    status = Mock(dropped=7)
    status.open = ()
    rows = ({"calling_ae": f"SCAN{n}", "called_ae": "ANY", "outcome": "rejected"} for n in range(1000))
    metrics.happened([Event(CLOSED, row) for row in rows], status)
    [family] = [each for each in metrics.registry.collect() if each.name == "dicom_associations"]
    titles = {sample.labels["calling_ae"] for sample in family.samples}
    assert len(titles) == PAIRS + 1 and "other" in titles
    metrics.happened([], status)
    assert metrics.registry.get_sample_value("dicomsniff_dropped_packets_total") == 7


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(CaptureError, match="pip install"):
        Metrics()
