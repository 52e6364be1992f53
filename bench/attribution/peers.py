"""DICOM programs that are slow to order, on pynetdicom: `python -m bench.attribution.peers ROLE key=value …`.

`scp`: port, delay (s before each answer), first (s before the first C-FIND match or C-MOVE object), gap (s before each
further one), matches, folder (what C-MOVE and C-GET send), moves (ip:port of every destination), pdu. `store`, `find`,
`move`, `get`: to (ip:port), folder, think (s before each object), stall (s in the middle of each object), lockstep=yes
(each PDU waits until the one before was acknowledged), at_once (so many requests before the first answer), repeat. All of them send what they have at once (TCP_NODELAY).
"""

from __future__ import annotations

import array
import fcntl
import io
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SIOCOUTQ = 0x5411
CT = "1.2.840.10008.5.1.4.1.1.2"
FIND, MOVE, GET = (f"1.2.840.10008.5.1.4.1.2.2.{number}" for number in (1, 2, 3))
LITTLE = "1.2.840.10008.1.2.1"


def main(role: str, *arguments: str) -> None:
    options = dict(each.split("=", 1) for each in arguments)
    hamper(options)
    if role == "scp":
        serve(options)
    else:
        ask(role, options)


def objects(options: dict[str, str]) -> list[Any]:
    from pydicom import dcmread

    return [dcmread(path) for path in sorted(Path(options["folder"]).glob("*.dcm"))]


def serve(options: dict[str, str]) -> None:
    """Answer until the process is ended."""
    from pydicom.dataset import Dataset
    from pynetdicom import AE, evt

    delay, first, gap = (float(options.get(key, 0)) for key in ("delay", "first", "gap"))

    def on_store(_event: Any) -> int:
        time.sleep(delay)
        return 0

    def on_find(_event: Any) -> Iterator[tuple[int, Any]]:
        for number in range(int(options.get("matches", 1))):
            time.sleep(gap if number else first)
            match = Dataset()
            match.QueryRetrieveLevel, match.StudyInstanceUID = "STUDY", f"1.2.3.{number}"
            match.StudyDescription = "M" * 60
            yield 0xFF00, match

    def on_move(_event: Any) -> Iterator[Any]:
        ip, port = options["moves"].split(":")
        yield ip, int(port), {"contexts": None}
        yield from on_get(_event)

    def on_get(_event: Any) -> Iterator[Any]:
        sent = objects(options)
        yield len(sent)
        for number, each in enumerate(sent):
            time.sleep(gap if number else first)
            yield 0xFF00, each

    entity = AE(ae_title="ARCHIVE")
    entity.maximum_pdu_size = int(options.get("pdu", 16382))
    entity.add_supported_context(CT, LITTLE, scu_role=True, scp_role=True)
    entity.add_requested_context(CT, LITTLE)
    for model in (FIND, MOVE, GET):
        entity.add_supported_context(model)
    handlers: Any = [
        (evt.EVT_C_STORE, on_store),
        (evt.EVT_C_FIND, on_find),
        (evt.EVT_C_MOVE, on_move),
        (evt.EVT_C_GET, on_get),
    ]
    entity.start_server(("", int(options["port"])), evt_handlers=handlers, block=True)


def hamper(options: dict[str, str]) -> None:
    """Make the sending of PDUs slow as the options say, and not otherwise."""
    from pynetdicom import dul, transport

    begin = dul.DULServiceProvider.__init__

    def prompt(self: Any, *arguments: Any) -> None:
        begin(self, *arguments)
        self._run_loop_delay = 0.0001  # it looks for something to send every ms: a program that waits between messages

    provider: Any = dul.DULServiceProvider
    provider.__init__ = prompt
    plain, sent = transport.AssociationSocket.send, [0]
    stall, lockstep = float(options.get("stall", 0)), options.get("lockstep") == "yes"

    def send(self: Any, data: bytes) -> None:
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain(self, data)
        sent[0] = sent[0] + 1 if len(data) > 1000 else 0  # what ends an object, or begins one, is short
        if sent[0] == 8:
            time.sleep(stall)
        waiting = array.array("i", [1])
        while lockstep and len(data) > 1000 and waiting[0]:
            fcntl.ioctl(self.socket.fileno(), SIOCOUTQ, waiting)
            time.sleep(0.0002)

    slowed: Any = transport.AssociationSocket
    slowed.send = send


def ask(role: str, options: dict[str, str]) -> None:
    """Send all objects of a folder, or ask for some, in one association."""
    from pydicom.dataset import Dataset
    from pynetdicom import AE, build_role, evt

    entity = AE(ae_title="MODALITY")
    negotiated: list[Any] = []
    if role in ("store", "get"):
        entity.add_requested_context(CT, LITTLE)
    if role == "get":
        negotiated.append(build_role(CT, scp_role=True))
    model = {"find": FIND, "move": MOVE, "get": GET}.get(role, "")
    if model:
        entity.add_requested_context(model)
    ip, port = options["to"].split(":")
    delay = float(options.get("delay", 0))

    def on_store(_event: Any) -> int:
        time.sleep(delay)
        return 0

    loaded = objects(options) if role == "store" else []
    made = entity.associate(
        ip, int(port), ae_title="ARCHIVE", ext_neg=negotiated, evt_handlers=[(evt.EVT_C_STORE, on_store)]
    )
    if not made.is_established:
        sys.exit(3)
    for _ in range(int(options.get("repeat", 1))):
        if at_once := int(options.get("at_once", 0)):
            store_at_once(made, loaded, at_once)
            loaded = []
        for each in loaded:
            time.sleep(float(options.get("think", 0)))
            print(made.send_c_store(each).Status, flush=True)
        keys = Dataset()
        keys.QueryRetrieveLevel, keys.StudyInstanceUID = "STUDY", ""
        if role == "find":
            print(len(list(made.send_c_find(keys, model))), flush=True)
        if role == "get":
            print(len(list(made.send_c_get(keys, model))), flush=True)
        if role == "move":
            print(len(list(made.send_c_move(keys, "DEST", model))), flush=True)
    made.release()


def store_at_once(association: Any, objects: list[Any], most: int) -> None:
    """As with an asynchronous window: pynetdicom itself waits for each answer."""
    from pynetdicom.dimse_primitives import C_STORE
    from pynetdicom.dsutils import encode

    context = association.accepted_contexts[0]
    association._reactor_checkpoint.clear()
    for number, each in enumerate(objects):
        request = C_STORE()
        request.MessageID, request.Priority = number + 1, 2
        request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = each.SOPClassUID, each.SOPInstanceUID
        request.DataSet = io.BytesIO(encode(each, False, True) or b"")
        association.dimse.send_msg(request, context.context_id)
        if number + 1 >= most:
            association.dimse.get_msg(block=True)
    for _ in range(min(most - 1, len(objects))):
        association.dimse.get_msg(block=True)
    association._reactor_checkpoint.set()


if __name__ == "__main__":
    main(*sys.argv[1:])
