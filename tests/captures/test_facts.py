"""Real captures against an independent decoding of them: streams by tshark, PDUs and commands by pynetdicom."""

from collections import Counter
from typing import Any

import pytest

from dicomsniff.association.values import Association, Traffic
from dicomsniff.core import Direction
from dicomsniff.dimse.command import message_name
from dicomsniff.dimse.message import Message
from dicomsniff.pdu.tables import PDU_NAMES
from tests.captures import real

pytestmark = real.here
every_capture = pytest.mark.parametrize("name", real.names())


def associations_of(traffic: Traffic, stream: int) -> list[Association]:
    [conversation] = [c for c in traffic.conversations if c.tcp.tcp_stream == stream]
    return [traffic.association(id) for id in conversation.associations]


@every_capture
def test_every_tcp_connection_is_found_with_its_ends_and_its_bytes(name: str) -> None:
    traffic, _ = real.heard(name)
    told = [
        {
            "stream": c.tcp.tcp_stream,
            "nodes": [str(c.tcp.initiator), str(c.tcp.responder)],
            "bytes": [c.tcp.to_responder.bytes, c.tcp.to_initiator.bytes],
        }
        for c in traffic.conversations
    ]
    assert told == [{key: c[key] for key in ("stream", "nodes", "bytes")} for c in real.facts(name)]


@every_capture
def test_every_pdu_of_each_direction_is_counted_and_no_byte_is_left_over(name: str) -> None:
    traffic, heard = real.heard(name)
    for connection in real.facts(name):
        stream = connection["stream"]
        for direction in Direction:
            counts: Counter[str] = Counter()
            for association in associations_of(traffic, stream):
                for (way, kind), count in association.pdu_counts.items():
                    counts[PDU_NAMES[kind].name] += count if way is direction else 0
            assert +counts == connection["pdus"][direction]
            unread = heard[stream].unread(direction) if stream in heard else 0
            assert unread == connection["undecoded"][direction]


@every_capture
def test_associations_have_their_titles_contexts_and_refusals(name: str) -> None:
    traffic, _ = real.heard(name)
    for connection in real.facts(name):
        associations = associations_of(traffic, connection["stream"])
        if not any(map(sum, (pdus.values() for pdus in connection["pdus"]))):
            assert not associations
            continue
        assert negotiated(associations[-1]) == {
            key: connection.get(key)
            for key in ("calling", "called", "proposed", "answered", "accepted", "reject", "abort")
        }


def negotiated(association: Association) -> dict[str, Any]:
    """The negotiation in the words of the facts."""
    request, accept, reject, abort = association.request, association.accept, association.reject, association.abort
    assert request is not None
    return {
        "calling": association.calling_ae,
        "called": association.called_ae,
        "proposed": len(request.contexts),
        "answered": len(accept.contexts) if accept else None,
        "accepted": sum(context.accepted for context in association.contexts) if accept else None,
        "reject": [reject.result, reject.source, reject.reason] if reject else None,
        "abort": [abort.source, abort.reason] if abort else None,
    }


@every_capture
def test_every_command_and_data_set_is_the_one_that_was_sent(name: str) -> None:
    _, heard = real.heard(name)
    for connection in real.facts(name):
        for direction in Direction:
            messages = heard[connection["stream"]].messages(direction) if connection["stream"] in heard else []
            assert [told(message) for message in messages] == connection["messages"][direction]


def told(message: Message) -> dict[str, Any]:
    """A message in the words of the facts, which know nothing of a data set that was not sent to its end."""
    command, payload = message.command, message.payload
    responded_to = command.message_id_being_responded_to
    row = {
        "command": message_name(command.command_field),
        "context": message.context_id,
        "message_id": command.message_id if command.message_id is not None else responded_to,
        "status": command.status,
        "sop_instance": command.sop_instance_uid,
        "error_comment": command.error_comment,
        "move_destination": command.move_destination,
        "dataset_bytes": payload.length if payload and payload.complete else None,
        "dataset_sha256": payload.sha256 if payload and payload.complete else None,
    }
    return {key: value for key, value in row.items() if value is not None}


@every_capture
def test_exchanges_are_the_requests_with_their_last_statuses(name: str) -> None:
    traffic, _ = real.heard(name)
    for connection in real.facts(name):
        exchanges = [e for a in associations_of(traffic, connection["stream"]) for e in a.exchanges]
        for direction in Direction:
            sent, answers = connection["messages"][direction], connection["messages"][direction.opposite]
            asked = [m for m in sent if m["command"].endswith("-RQ") and m["command"] != "C-CANCEL-RQ"]
            own = [e for e in exchanges if e.direction is direction]
            assert [(e.service + "-RQ", e.context_id, e.message_id) for e in own] == [
                (m["command"], m["context"], m["message_id"]) for m in asked
            ]
            responses = [m for m in answers if m["command"].endswith("-RSP")]
            assert sum(e.responses for e in own) == len(responses)
            final = [m["status"] for m in responses if m["status"] not in (0xFF00, 0xFF01)]
            assert [e.status for e in own if e.final] == final


@every_capture
def test_stored_objects_are_byte_for_byte_those_that_were_sent(name: str) -> None:
    traffic, _ = real.heard(name)
    for connection in real.facts(name):
        sent = [
            (m["sop_instance"], m["dataset_bytes"], m["dataset_sha256"])
            for messages in connection["messages"]
            for m in messages
            if m["command"] == "C-STORE-RQ" and "dataset_sha256" in m
        ]
        stored = [
            (e.sop_instance, e.payload.length, e.payload.sha256)
            for a in associations_of(traffic, connection["stream"])
            for e in a.exchanges
            if e.service == "C-STORE" and e.payload and e.payload.complete
        ]
        assert stored == sent


@pytest.mark.parametrize("name", ["tls", "edge/e22_tls13_2762"])
def test_encrypted_connections_give_no_object_and_no_traceback(name: str) -> None:
    traffic, _ = real.heard(name)
    assert not [e for e in traffic.exchanges if e.payload]
    assert str(traffic.conversations[0].kind) == "dicom-tls"
