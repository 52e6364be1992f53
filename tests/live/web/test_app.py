"""The application: which address leads where."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

pytest.importorskip("starlette")

from dicomsniff.live.web import app as module
from tests.live.web.served import Served, serving


@contextmanager
def answering(served: Served, report: Any) -> Iterator[None]:
    """A thread that watches, and serves the desk."""
    over = threading.Event()

    def serve() -> None:
        while not over.wait(0.01):
            served.desk.serve(lambda _id: report)

    thread = threading.Thread(target=serve)
    thread.start()
    yield
    over.set()
    thread.join()


def test_the_report_of_an_association_is_made_by_the_thread_that_watches() -> None:
    with serving() as served, answering(served, "nr 3"):
        answer = served.get("/associations/3")
        assert answer.status == 200 and answer.text == "report of nr 3"
        assert answer.headers["content-security-policy"] == module.REPORT_POLICY


def test_one_that_is_not_kept_is_said_to_be_gone_and_one_that_is_not_answered_busy() -> None:
    with serving() as served:
        with answering(served, None):
            assert served.get("/associations/3").status == 404
        with patch.object(module, "ANSWER_SECONDS", 0.1):
            assert served.get("/associations/3").status == 503


@pytest.mark.parametrize(
    "path", ["/associations/x", "/associations/-1", "/other", "//", "/associations/../../etc/passwd", "/%2e%2e/"]
)
def test_other_addresses_lead_nowhere(path: str) -> None:
    with serving() as served:
        assert served.get(path).status == 404
