"""Associations as rows of the report: both sides, how it ended, and its exchanges by id."""

from dicomsniff.association.throughput import rates
from dicomsniff.association.time_sums import sums
from dicomsniff.association.timing import Timing
from dicomsniff.association.values import Association, Context, ExchangeOutcome
from dicomsniff.core import Anomaly, Endpoint
from dicomsniff.dimse.uids import uid_name
from dicomsniff.pdu.tables import abort_text, reject_text
from dicomsniff.pdu.values import Abort, UserInformation
from dicomsniff.report.convert import between, endpoint_row, iso_time
from dicomsniff.report.negotiation_rows import async_window_row, extended_rows, role_rows, user_identity_row
from dicomsniff.report.redaction import Redaction
from dicomsniff.report.timing_rows import rates_row, sums_row
from dicomsniff.report.values import Row

_NOTHING = UserInformation()
_ANOMALIES_SHOWN = 50  # a garbage stream repeats itself
FAILED_OUTCOMES = frozenset({ExchangeOutcome.FAILED, ExchangeOutcome.UNANSWERED, ExchangeOutcome.INCOMPLETE})


def association_row(association: Association, redaction: Redaction, times: Timing) -> Row:
    request = association.request.user_information if association.request else None
    accept = association.accept.user_information if association.accept else None
    return {
        "id": association.id,
        "connection": association.connection,
        "calling_ae": association.calling_ae,
        "called_ae": association.called_ae,
        "requestor": _side_row(association.requestor, request),
        "acceptor": _side_row(association.acceptor, accept),
        "outcome": str(association.outcome),
        "reject": _reject_row(association),
        "abort": association.abort and abort_row(association, association.abort),
        "first_time": iso_time(association.first_ns),
        "last_time": iso_time(association.last_ns),
        "duration_ms": between(association.first_ns, association.last_ns),
        "first_packet": association.first_packet,
        "last_packet": association.last_packet,
        "contexts": [_context_row(context) for context in association.contexts],
        "roles": role_rows(request, accept),
        "extended": extended_rows(request, accept),
        "user_identity": user_identity_row(request, accept, redaction),
        "async_window": async_window_row(request, accept),
        "view_of": association.view_of,
        "blind": sorted(str(blind) for blind in association.blind),
        "exchanges": [exchange.id for exchange in association.exchanges],
        "failed_exchanges": [
            exchange.id
            for exchange in association.exchanges
            if exchange.outcome in FAILED_OUTCOMES and not exchange.unseen
        ],
        "time": sums_row(sums(association, times)),
        "throughput": rates_row(rates(association, times), association.to_acceptor),
        "release": _release_row(association),
        "closed_by": None if association.closed_by is None else association.role(association.closed_by),
        "anomalies": [_anomaly_row(anomaly, redaction) for anomaly in association.anomalies[:_ANOMALIES_SHOWN]],
    }


def _side_row(endpoint: Endpoint, information: UserInformation | None) -> Row:
    known = information or _NOTHING
    return {
        **endpoint_row(endpoint),
        "implementation_class_uid": known.implementation_class_uid,
        "implementation_version": known.implementation_version,
        "max_pdu_length": known.maximum_length,
    }


def _reject_row(association: Association) -> Row | None:
    """PS3.8 §9.3.4, Table 9-21."""
    reject = association.reject
    if reject is None:
        return None
    return {
        "result": reject.result,
        "source": reject.source,
        "reason": reject.reason,
        "text": reject_text(reject.result, reject.source, reject.reason),
        "packet": reject.evidence.last_packet,
        "time": iso_time(reject.evidence.last_ns),
    }


def abort_row(association: Association, abort: Abort) -> Row:
    """PS3.8 §9.3.8, Table 9-26; `by` is the side whose end of the connection sent it."""
    return {
        "by": association.role(abort.evidence.direction),
        "source": abort.source,
        "reason": abort.reason,
        "text": abort_text(abort.source, abort.reason),
        "packet": abort.evidence.last_packet,
        "time": iso_time(abort.evidence.last_ns),
    }


def _release_row(association: Association) -> Row | None:
    """Who asked for the release and the packets of request and response (PS3.8 §7.2)."""
    asked, answered = association.release_request, association.release_response
    if asked is None and answered is None:
        return None
    return {
        "by": association.role(asked.evidence.direction) if asked else None,
        "request_packet": asked.evidence.last_packet if asked else None,
        "request_time": iso_time(asked.evidence.last_ns) if asked else None,
        "response_packet": answered.evidence.last_packet if answered else None,
        "response_time": iso_time(answered.evidence.last_ns) if answered else None,
    }


def _context_row(context: Context) -> Row:
    return {
        "id": context.id,
        "abstract_syntax": context.abstract_syntax,
        "abstract_syntax_name": _name(context.abstract_syntax),
        "proposed": list(context.proposed),
        "result": str(context.result),
        "result_code": context.result_code,
        "transfer_syntax": context.transfer_syntax,
        "transfer_syntax_name": _name(context.transfer_syntax),
        "exchanges": context.exchanges,
        "inferred": context.inferred,
        "confidence": context.confidence,
        "seen_classes": list(context.seen_classes),
        "seen_class_names": [uid_name(uid) for uid in context.seen_classes],
    }


def _anomaly_row(anomaly: Anomaly, redaction: Redaction) -> Row:
    return {
        "code": str(anomaly.code),
        "detail": redaction.text(anomaly.detail),
        "packets": list(anomaly.evidence.packets),
    }


def _name(uid: str | None) -> str | None:
    return uid_name(uid) if uid else None
