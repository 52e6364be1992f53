"""Previews on the page: only where asked for, only of whole objects, allowed by the policy, and bounded."""

from __future__ import annotations

from pathlib import Path

import pytest

import sample_captures
from dicomsniff.api import analyze
from dicomsniff.dimse.preview import Picture
from dicomsniff.report.html import previews, render_html
from dicomsniff.report.html.previews import previews as made_of
from tests.captures import real
from tests.forge.traffic import TrafficForge

pytest.importorskip("PIL", reason="Pillow is not installed (extra [pixels])")

SAMPLES = Path(sample_captures.__file__).parent


@real.here
def test_images_are_shown_where_that_is_asked_for_and_nowhere_else() -> None:
    analysis = analyze(real.capture("store_series"), keep_payloads=True)
    plain, page = render_html(analysis.report()), render_html(analysis.report(), pictures=True)
    assert "data:image" not in plain and "img-src" not in plain and "<img" not in plain
    assert page.count('src="data:image/jpeg;base64,') == 5 and "img-src data:;" in page
    assert page.count("no preview: it holds no pixel data") == 2
    assert "they may show a patient" in page and "they may show a patient" not in plain
    assert len(page) - len(plain) < 30_000


@real.here
def test_a_lossless_jpeg_of_a_real_sender_is_decoded() -> None:
    pytest.importorskip("libjpeg", reason="pylibjpeg-libjpeg is not installed (extra [pixels])")
    analysis = analyze(real.capture("jpeg_accepted"), keep_payloads=True)
    shown = made_of(analysis.report().objects.items)
    assert shown and all(one.source for one in shown.values())


def test_an_object_with_a_hole_is_not_shown_and_says_so() -> None:
    analysis = analyze(SAMPLES / "capture_quality.pcap", keep_payloads=True)
    incomplete = [row["exchange"] for row in analysis.report().objects if row["missing_bytes"]]
    shown = made_of(analysis.report().objects.items)
    assert incomplete and all(shown[number].source is None for number in incomplete)
    assert all("not captured" in shown[number].caption for number in incomplete)


def test_without_the_data_sets_there_is_a_reason_for_each() -> None:
    shown = made_of(analyze(SAMPLES / "healthy_study.pcap").report().objects.items)
    assert {one.caption for one in shown.values()} == {"no preview: its bytes were not kept"}


def test_an_object_without_end_or_syntax_has_none() -> None:
    forge = TrafficForge()
    number = forge.association()
    forge.exchange(number, "C-STORE", sent_bytes=400)
    shown = made_of(forge.traffic().exchanges)
    assert all(one.source is None for one in shown.values())


def test_pictures_are_bounded_in_number_in_bytes_and_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    stores = analyze(SAMPLES / "healthy_study.pcap").report().objects.items
    monkeypatch.setattr(previews, "_picture", lambda exchange, painter: Picture(b"jpeg", 1, 1, 1))
    assert len(made_of(stores)) == len(stores) > 1
    monkeypatch.setattr(previews, "BYTES", 1)
    assert len(made_of(stores)) == 1
    assert made_of(stores, seconds=-1) == {}
    monkeypatch.setattr(previews, "PICTURES", 0)
    assert made_of(stores) == {}
