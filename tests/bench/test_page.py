"""The measurement of the page works; how long it takes is nobody's business here."""

import shutil

import pytest

from bench.page import main


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium on the path")
def test_a_small_page_is_rendered_opened_and_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("playwright", reason="playwright is not installed")
    main(["3"])
    told = capsys.readouterr().out
    assert "3 associations: rendered in" in told and "opened in Chromium in" in told
