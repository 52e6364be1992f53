"""An association in, the DCMTK command that would say the requestor's part again out; None where DCMTK cannot say it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.pdu.values import UserIdentityRequest
from dicomsniff.replay.data_files import DataFiles
from dicomsniff.replay.keys import keys_of
from dicomsniff.report.redaction import Redaction

IMPLICIT, EXPLICIT, BIG_ENDIAN, DEFLATED = (
    "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99",
)  # fmt: skip
_MODELS = {
    "C-FIND": {
        "1.2.840.10008.5.1.4.1.2.1.1": "-P", "1.2.840.10008.5.1.4.1.2.2.1": "-S",
        "1.2.840.10008.5.1.4.1.2.3.1": "-O", "1.2.840.10008.5.1.4.31": "-W",
    },
    "C-MOVE": {
        "1.2.840.10008.5.1.4.1.2.1.2": "-P", "1.2.840.10008.5.1.4.1.2.2.2": "-S", "1.2.840.10008.5.1.4.1.2.3.2": "-O",
    },
    "C-GET": {
        "1.2.840.10008.5.1.4.1.2.1.3": "-P", "1.2.840.10008.5.1.4.1.2.2.3": "-S", "1.2.840.10008.5.1.4.1.2.3.3": "-O",
    },
}  # fmt: skip
_PROGRAMS = {"C-ECHO": "echoscu", "C-FIND": "findscu", "C-MOVE": "movescu", "C-GET": "getscu", "C-STORE": "storescu"}
_PROPOSE = {
    IMPLICIT: "-xi", DEFLATED: "-xd", "1.2.840.10008.1.2.4.70": "-xs", "1.2.840.10008.1.2.4.50": "-xy",
    "1.2.840.10008.1.2.4.51": "-xx", "1.2.840.10008.1.2.4.90": "-xv", "1.2.840.10008.1.2.4.91": "-xw",
    "1.2.840.10008.1.2.4.80": "-xt", "1.2.840.10008.1.2.4.81": "-xu", "1.2.840.10008.1.2.4.100": "-xm",
    "1.2.840.10008.1.2.4.101": "-xh", "1.2.840.10008.1.2.4.102": "-xn", "1.2.840.10008.1.2.4.103": "-xl",
    "1.2.840.10008.1.2.4.107": "-x4", "1.2.840.10008.1.2.4.108": "-x5", "1.2.840.10008.1.2.5": "-xr",
    BIG_ENDIAN: "-xb", EXPLICIT: "-x=",
}  # fmt: skip
_PLAIN = frozenset({IMPLICIT, EXPLICIT, BIG_ENDIAN})
_PDU_SIZES = range(4096, 131073)
_DEFAULT_PDU = 16384


class UnsayableError(Exception):
    """Why DCMTK cannot say it; never leaves this room."""


def own_requests(association: Association) -> list[Exchange]:
    """What the requestor asked for; sub-operations of a C-GET are the acceptor's."""
    return [e for e in association.exchanges if e.requested_by == "requestor" and e.request is not None]


def dcmtk_lines(association: Association, traffic: Traffic, files: DataFiles, redaction: Redaction) -> list[str]:
    """The command, continued over lines, and comments on what it cannot repeat. Raises UnsayableError."""
    asked = own_requests(association)
    service = _service(association, asked)
    words = [_PROGRAMS[service], "-v", *_titles(association), *_pdu_size(association)]
    notes: list[str] = []
    match service:
        case "C-ECHO":
            words += ["--repeat", str(len(asked))] if len(asked) > 1 else []
            proposed = _proposed(association, asked[0])
            words += ["-pts", str(min(len(proposed), 38))] if len(proposed) > 1 else []
        case "C-STORE":
            words += _store_options(association, asked)
        case _:
            words += _query_options(association, asked, traffic, service)
    words += _abort(association)
    tail = ["$HOST", "$PORT"]
    if service == "C-STORE":
        tail += [files.name(association, exchange) for exchange in asked]
        if files.directory is None:
            notes.append("# (with -o DIR the objects are written there)")
    elif service != "C-ECHO":
        more, said = _identifiers(association, asked, files, redaction)
        tail += more
        notes += said
    return [*notes, _line([*words, *tail])]


def _service(association: Association, asked: Sequence[Exchange]) -> str:
    services = {e.service for e in asked}
    request = association.request
    if len(services) != 1:
        raise UnsayableError("several services" if services else "nothing was asked for")
    service = services.pop()
    if service not in _PROGRAMS:
        raise UnsayableError(f"{service} is not among its programs")
    if request is not None:
        information = request.user_information
        if information.user_identity is not None and service != "C-STORE":
            raise UnsayableError("user identity")
        if information.extended or information.common_extended or information.async_window:
            raise UnsayableError("extended negotiation")
        if information.roles and service != "C-GET":
            raise UnsayableError("role selection")
    if service in _MODELS:
        if len({e.sop_class for e in asked}) != 1 or asked[0].sop_class not in _MODELS[service]:
            raise UnsayableError("the information model")
        if len({e.move_destination for e in asked}) > 1:
            raise UnsayableError("several destinations")
    return service


def _titles(association: Association) -> list[str]:
    return ["-aet", association.calling_ae or "ANY-SCU", "-aec", association.called_ae or "ANY-SCP"]


def _pdu_size(association: Association) -> list[str]:
    size = association.request.user_information.maximum_length if association.request else None
    return ["-pdu", str(size)] if size in _PDU_SIZES and size != _DEFAULT_PDU else []


def _proposed(association: Association, exchange: Exchange) -> tuple[str, ...]:
    own = (c.proposed for c in association.contexts if c.abstract_syntax == exchange.sop_class)
    return tuple(dict.fromkeys(syntax for proposed in own for syntax in proposed))


def _store_options(association: Association, asked: Sequence[Exchange]) -> list[str]:
    """The syntax to propose, and no more contexts than were proposed."""
    classes = {c.abstract_syntax for c in association.contexts}
    words = ["-R"] if classes <= {e.sop_class for e in asked} else []
    used = [s for s in dict.fromkeys(e.transfer_syntax for e in asked) if s]
    compressed = [s for s in used if s not in _PLAIN]
    if len(compressed) > 1:
        raise UnsayableError("several compressed transfer syntaxes")
    proposed = _proposed(association, asked[0])
    if compressed:
        words.append(_PROPOSE.get(compressed[0]) or _cannot(compressed[0]))
    elif proposed == (IMPLICIT,):
        words.append("-xi")
    identity = association.request.user_information.user_identity if association.request else None
    return words + (_identity(identity) if identity else [])


def _cannot(syntax: str) -> str:
    raise UnsayableError(f"transfer syntax {syntax}")


def _identity(identity: UserIdentityRequest) -> list[str]:
    if identity.kind not in (1, 2):
        raise UnsayableError("a ticket or token, which is not kept")
    words = ["-usr", "$USERNAME"] + (["-pwd", "$PASSWORD"] if identity.kind == 2 else [])
    return words + (["-rsp"] if identity.response_requested else [])


def _query_options(association: Association, asked: Sequence[Exchange], traffic: Traffic, service: str) -> list[str]:
    first = asked[0]
    words = [_MODELS[service][first.sop_class or ""]]
    proposed = _proposed(association, first)
    if proposed[:1] in ((BIG_ENDIAN,), (DEFLATED,)) or proposed == (IMPLICIT,):
        words.append(_PROPOSE[proposed[0]])
    if service == "C-MOVE":
        words += ["-aem", first.move_destination or ""]
        port = _callback_port(association, asked, traffic)
        words += ["+P", str(port), "-od", "."] if port else []
    if service == "C-GET":
        words += ["-od", "."]
    if any(e.cancel for e in asked):
        words += ["--cancel", str(max(1, first.pending - len(first.pending_after_cancel_ns)))]
    return words


def _callback_port(association: Association, asked: Sequence[Exchange], traffic: Traffic) -> int | None:
    """Where the objects were delivered, if that was the requestor itself."""
    for exchange in asked:
        retrieval = traffic.retrieval(exchange.id)
        for delivery in retrieval.deliveries if retrieval else ():
            if delivery.association is not None:
                end = traffic.association(delivery.association).acceptor
                if end.ip == association.requestor.ip:
                    return end.port
    return None


def _abort(association: Association) -> list[str]:
    abort = association.abort
    by_requestor = abort is not None and association.role(abort.evidence.direction) == "requestor" and not abort.source
    return ["--abort"] if by_requestor else []


def _identifiers(
    association: Association, asked: Sequence[Exchange], files: DataFiles, redaction: Redaction
) -> tuple[list[str], list[str]]:
    """Files where they are written, keys for a single query that a command line can say; and what is to be known of it."""
    if files.directory is None and len(asked) == 1:
        found = keys_of(asked[0].payload, asked[0].transfer_syntax, redaction)
        if found is not None:
            keys, masked = found
            notes = [f"# {masked} of its keys are masked; --no-redact shows them"] if masked else []
            return [word for key in keys for word in ("-k", key)], notes
    names = [files.name(association, exchange) for exchange in asked]
    return names, [] if files.directory is not None else ["# (with -o DIR the identifiers are written there)"]


_VARIABLES = ("$HOST", "$PORT", "$USERNAME", "$PASSWORD")


def _line(words: Sequence[str]) -> str:
    """One command; what a shell would read is quoted, our own variables are not. Control characters never come so far: a
    title with one is not printable and becomes '?'."""
    out = []
    for word in words:
        plain = "".join(c if c.isprintable() else "?" for c in word)
        out.append(f'"{plain}"' if plain in _VARIABLES else shlex.quote(plain))
    return " ".join(out)
