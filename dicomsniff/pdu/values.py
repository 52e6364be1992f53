"""The seven PDUs of PS3.8 §9.3 and their items as values; reserved codes keep their numbers, unknown items are kept."""

from enum import IntEnum

from dicomsniff.core import Evidence
from dicomsniff.core.records import dataclass
from dicomsniff.core.tuples import NamedTuple


class PduType(IntEnum):
    """PS3.8 §9.3.1."""

    ASSOCIATE_RQ = 1
    ASSOCIATE_AC = 2
    ASSOCIATE_RJ = 3
    P_DATA_TF = 4
    RELEASE_RQ = 5
    RELEASE_RP = 6
    ABORT = 7


class ProposedContext(NamedTuple):
    """Presentation Context item of a request (PS3.8 §9.3.2.2)."""

    context_id: int
    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]


class AnsweredContext(NamedTuple):
    """Presentation Context item of an acceptance (PS3.8 §9.3.3.2). `result` is the number on the wire; the transfer
    syntax is significant only when it is 0, None where the item has none."""

    context_id: int
    result: int
    transfer_syntax: str | None


class AsyncWindow(NamedTuple):
    """Asynchronous Operations Window (PS3.7 §D.3.3.3); 0 means unlimited."""

    invoked: int
    performed: int


class RoleSelection(NamedTuple):
    """SCP/SCU Role Selection (PS3.7 §D.3.3.4)."""

    sop_class: str
    scu: int
    scp: int


class ExtendedNegotiation(NamedTuple):
    """SOP Class Extended Negotiation (PS3.7 §D.3.3.5)."""

    sop_class: str
    information: bytes


class CommonExtendedNegotiation(NamedTuple):
    """SOP Class Common Extended Negotiation (PS3.7 §D.3.3.6)."""

    version: int
    sop_class: str
    service_class: str
    related_general_sop_classes: tuple[str, ...]


class UserIdentityRequest(NamedTuple):
    """User Identity (PS3.7 §D.3.3.7.1). `kind` 1 user name, 2 user name and passcode, 3 Kerberos, 4 SAML, 5 JWT.
    Secrets are never kept: `primary` holds the user name for kinds 1 and 2 and is empty otherwise; the lengths are
    those on the wire."""

    kind: int
    response_requested: bool
    primary: str
    primary_length: int
    secondary_length: int


class UserIdentityResponse(NamedTuple):
    """User Identity server response (PS3.7 §D.3.3.7.2); the response itself is not kept."""

    length: int


class UnknownItem(NamedTuple):
    """An item or sub-item of a type this version does not know; receivers ignore them (PS3.8 §9.3.1)."""

    type: int
    data: bytes


@dataclass(frozen=True, slots=True)
class UserInformation:
    """User Information item (PS3.8 §9.3.2.3, PS3.7 Annex D). None where the sub-item is absent."""

    maximum_length: int | None = None
    implementation_class_uid: str | None = None
    implementation_version: str | None = None
    async_window: AsyncWindow | None = None
    roles: tuple[RoleSelection, ...] = ()
    extended: tuple[ExtendedNegotiation, ...] = ()
    common_extended: tuple[CommonExtendedNegotiation, ...] = ()
    user_identity: UserIdentityRequest | None = None
    user_identity_response: UserIdentityResponse | None = None
    unknown: tuple[UnknownItem, ...] = ()


@dataclass(frozen=True, slots=True)
class AssociateRq:
    """A-ASSOCIATE-RQ (PS3.8 §9.3.2). AE titles are the 16 bytes as text (latin-1), trimmed of spaces and NULs;
    the raw fields keep what was sent. `length` is the PDU-length field."""

    evidence: Evidence
    length: int
    protocol_version: int
    called_ae: str
    calling_ae: str
    called_ae_raw: bytes
    calling_ae_raw: bytes
    application_context: str | None
    contexts: tuple[ProposedContext, ...]
    user_information: UserInformation
    unknown: tuple[UnknownItem, ...] = ()


@dataclass(frozen=True, slots=True)
class AssociateAc:
    """A-ASSOCIATE-AC (PS3.8 §9.3.3). The AE fields are an echo of the request and not significant."""

    evidence: Evidence
    length: int
    protocol_version: int
    called_ae: str
    calling_ae: str
    application_context: str | None
    contexts: tuple[AnsweredContext, ...]
    user_information: UserInformation
    unknown: tuple[UnknownItem, ...] = ()


@dataclass(frozen=True, slots=True)
class AssociateRj:
    """A-ASSOCIATE-RJ (PS3.8 §9.3.4)."""

    evidence: Evidence
    result: int
    source: int
    reason: int


class Pdv(NamedTuple):
    """One presentation-data-value item, or a piece of one (PS3.8 §9.3.5.1, §E.2).

    `data` are value bytes without the message control header. `missing` > 0: that many value bytes were not captured
    here (then `data` is empty). `more`: further pieces of this same item follow. `is_last` speaks of the whole item
    and holds only once `more` is false.
    """

    context_id: int
    is_command: bool
    is_last: bool
    data: memoryview | bytes
    missing: int = 0
    more: bool = False


class PData(NamedTuple):
    """P-DATA-TF (PS3.8 §9.3.5), or a piece of a very long one: `begins` and `ends` say whether this piece holds the
    PDU's start and end. `length` is the PDU-length field of the whole PDU. `pdus` PDUs of one length that carry the middle of
    one data set may be one value, their items in order: `first` is the evidence of the first of them."""

    evidence: Evidence
    length: int
    pdvs: tuple[Pdv, ...]
    begins: bool = True
    ends: bool = True
    pdus: int = 1
    first: Evidence | None = None


@dataclass(frozen=True, slots=True)
class ReleaseRq:
    """A-RELEASE-RQ (PS3.8 §9.3.6)."""

    evidence: Evidence


@dataclass(frozen=True, slots=True)
class ReleaseRp:
    """A-RELEASE-RP (PS3.8 §9.3.7)."""

    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Abort:
    """A-ABORT (PS3.8 §9.3.8). `reason` is significant only for source 2."""

    evidence: Evidence
    source: int
    reason: int


@dataclass(frozen=True, slots=True)
class UnknownPdu:
    """A PDU type outside 01H-07H where a PDU header had to stand."""

    evidence: Evidence
    type: int
    length: int


@dataclass(frozen=True, slots=True)
class BrokenPdu:
    """Bytes that cannot be read as PDUs. `reason` is "lost" (the capture does not hold them all), "cut" (the stream
    ended inside a PDU of `length` + 6 bytes of which evidence.length were seen) or "malformed". `type` is None where
    even the PDU type is unknown. A message in progress in this direction cannot be trusted past it."""

    evidence: Evidence
    reason: str
    type: int | None = None
    length: int | None = None


Pdu = AssociateRq | AssociateAc | AssociateRj | PData | ReleaseRq | ReleaseRp | Abort | UnknownPdu | BrokenPdu
