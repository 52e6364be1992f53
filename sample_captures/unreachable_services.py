"""Connections that come to nothing. `python -m sample_captures.unreachable_services` rebuilds it.

CT01 asks for the archive's old port, on which nobody listens. US01 calls a host that was taken away. A load balancer
looks every five seconds whether the archive's port is open. Somebody points a browser at it. The archive for old studies
takes a connection and the request of MR02, and never answers.
"""

from pathlib import Path

from tests.forge.hospital import ARCHIVE, CT, CT01, MR, MR02, US01, WS09, Device, Hospital
from tests.forge.pdus import VERIFICATION, abort
from tests.forge.wire import BACK, OUT, Frame, write_pcap

HERE = Path(__file__).parent
BALANCER = Device("", "192.168.10.2")
OLD_STUDIES = Device("OLDSTUDIES", "192.168.10.21")


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    for second in range(0, 25, 5):
        hospital.wire(BALANCER, ARCHIVE.listener, second).connect().close()
    hospital.talk(CT01, ARCHIVE, 2, VERIFICATION, CT).echo().release()
    for second in (3, 8, 13):
        hospital.refused(CT01, (ARCHIVE.ip, 104), second)
    hospital.silent(US01, ("192.168.10.99", 104), 20)
    browser = hospital.wire(WS09, ARCHIVE.listener, 30).connect()
    browser.send(OUT, b"GET / HTTP/1.1\r\nHost: 192.168.10.20:11112\r\nAccept: text/html\r\n\r\n")
    browser.send(BACK, abort(2, 1)).close(BACK)
    unanswered = hospital.call(MR02, OLD_STUDIES, 40, MR).request().wire
    unanswered.acknowledge(OUT).wait(60).send(OUT, abort()).close()
    return hospital.frames


if __name__ == "__main__":
    write_pcap(HERE / "unreachable_services.pcap", frames())
