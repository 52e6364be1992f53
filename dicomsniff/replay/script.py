"""An association in, a pynetdicom script that would say the requestor's part again out."""

from __future__ import annotations

from collections.abc import Iterator

from dicomsniff.association.values import Association, Exchange
from dicomsniff.replay.data_files import DataFiles
from dicomsniff.replay.dcmtk import own_requests
from dicomsniff.report.redaction import Redaction

_HEAD = '''"""Replays {what}. Needs pynetdicom; usage: python {name} HOST PORT"""
import sys
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset
from pynetdicom import AE, build_role
from pynetdicom.pdu_primitives import (
    AsynchronousOperationsWindowNegotiation, SOPClassExtendedNegotiation, UserIdentityNegotiation,
)

HERE = Path(__file__).parent if "__file__" in globals() else Path()


def data(name):
    """The data set as it was sent."""
    return dcmread(HERE / name, force=True)


def tell(what, answer):
    """Every response: (status, data set) pairs, one status, or one pair."""
    for one in answer if hasattr(answer, "__next__") else [answer]:
        status = one[0] if isinstance(one, tuple) else one
        code = getattr(status, "Status", None)
        print(what, "no answer" if code is None else f"0x{{code:04X}}", flush=True)


ae = AE(ae_title={calling!r})
ae.maximum_pdu_size = {size}
'''


def script_lines(association: Association, files: DataFiles, redaction: Redaction, name: str) -> Iterator[str]:
    """The lines of the script. Texts of the wire stand in it as Python literals."""
    request = association.request
    information = request.user_information if request else None
    what = f"association {association.id}, its contexts and requests"
    size = information.maximum_length if information and information.maximum_length is not None else 16382
    yield from _HEAD.format(what=what, name=name, calling=association.calling_ae or "ANY-SCU", size=size).split("\n")[
        :-1
    ]
    for context in association.contexts:
        if context.abstract_syntax and context.proposed:
            yield f"ae.add_requested_context({context.abstract_syntax!r}, {list(context.proposed)!r})"
    yield "negotiation = []"
    if information is not None:
        for role in information.roles:
            yield f"negotiation.append(build_role({role.sop_class!r}, scu_role={bool(role.scu)}, scp_role={bool(role.scp)}))"
        if information.async_window is not None:
            yield "item = AsynchronousOperationsWindowNegotiation()"
            yield f"item.maximum_number_operations_invoked = {information.async_window.invoked}"
            yield f"item.maximum_number_operations_performed = {information.async_window.performed}"
            yield "negotiation.append(item)"
        for extended in information.extended:
            yield "item = SOPClassExtendedNegotiation()"
            yield f"item.sop_class_uid = {extended.sop_class!r}"
            yield f"item.service_class_application_information = {extended.information!r}"
            yield "negotiation.append(item)"
        if information.user_identity is not None:
            identity = information.user_identity
            yield "item = UserIdentityNegotiation()  # secrets are not kept: fill them in"
            yield f"item.user_identity_type = {identity.kind}"
            yield f"item.primary_field = {(redaction.user_name(identity.primary) or 'SECRET').encode('ascii', 'replace')!r}"
            if identity.kind == 2:
                yield "item.secondary_field = b'SECRET'"
            yield f"item.positive_response_requested = {identity.response_requested}"
            yield "negotiation.append(item)"
    called = association.called_ae or "ANY-SCP"
    yield f"assoc = ae.associate(sys.argv[1], int(sys.argv[2]), ae_title={called!r}, ext_neg=negotiation)"
    yield "if not assoc.is_established:"
    yield "    sys.exit('the association was not accepted')"
    for exchange in own_requests(association):
        yield from _request(association, exchange, files)
    yield "assoc.release()"


def _request(association: Association, exchange: Exchange, files: DataFiles) -> Iterator[str]:
    has_data = exchange.payload is not None and exchange.payload.length > 0
    data = f"data({files.name(association, exchange)!r})" if has_data else "None"
    id, model, instance = exchange.message_id or 1, exchange.sop_class or "", exchange.sop_instance or ""
    match exchange.service:
        case "C-ECHO":
            call = f"assoc.send_c_echo(msg_id={id})"
        case "C-STORE":
            call = f"assoc.send_c_store({data}, msg_id={id})"
        case "C-FIND":
            call = f"assoc.send_c_find({data}, {model!r}, msg_id={id})"
        case "C-GET":
            call = f"assoc.send_c_get({data}, {model!r}, msg_id={id})"
        case "C-MOVE":
            call = f"assoc.send_c_move({data}, {exchange.move_destination or ''!r}, {model!r}, msg_id={id})"
        case "N-CREATE":
            call = f"assoc.send_n_create({data}, {model!r}, {instance or None!r}, msg_id={id})"
        case "N-SET":
            call = f"assoc.send_n_set({data}, {model!r}, {instance!r}, msg_id={id})"
        case "N-GET":
            call = f"assoc.send_n_get([], {model!r}, {instance!r}, msg_id={id})"
        case "N-ACTION":
            call = f"assoc.send_n_action({data}, {exchange.action_type_id or 1}, {model!r}, {instance!r}, msg_id={id})"
        case "N-EVENT-REPORT":
            event = exchange.event_type_id or 1
            call = f"assoc.send_n_event_report({data}, {event}, {model!r}, {instance!r}, msg_id={id})"
        case "N-DELETE":
            call = f"assoc.send_n_delete({model!r}, {instance!r}, msg_id={id})"
        case _:
            yield f"# message ID {id}: a service that pynetdicom does not have"
            return
    yield f"tell({exchange.service!r}, {call})"
