"""Fields in, the bytes of every PDU of PS3.8 §9.3 out, right or wrong at will; one request comes from scapy's encoder."""

from struct import pack

APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"
VERIFICATION = "1.2.840.10008.1.1"
IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"


def pdu(pdu_type: int, body: bytes, length: int | None = None) -> bytes:
    """Any PDU; `length` may lie."""
    return pack(">BxI", pdu_type, len(body) if length is None else length) + body


def item(item_type: int, value: bytes, length: int | None = None, second: int = 0) -> bytes:
    """Any A-ASSOCIATE item or sub-item; `length` may lie."""
    return pack(">BBH", item_type, second, len(value) if length is None else length) + value


def counted(value: bytes) -> bytes:
    """A field behind its two-byte length."""
    return pack(">H", len(value)) + value


def uid(item_type: int, value: str) -> bytes:
    return item(item_type, value.encode())


def proposed_context(context_id: int, abstract: str, *transfer: str) -> bytes:
    inner = uid(0x30, abstract) + b"".join(uid(0x40, syntax) for syntax in transfer)
    return item(0x20, bytes([context_id, 0, 0, 0]) + inner)


def answered_context(context_id: int, result: int, transfer: str | None) -> bytes:
    return item(0x21, bytes([context_id, 0, result, 0]) + (uid(0x40, transfer) if transfer is not None else b""))


def maximum_length(value: int) -> bytes:
    return item(0x51, pack(">I", value))


def user_information(*sub_items: bytes, maximum: int | None = 16384) -> bytes:
    """User Information item; the mandatory maximum length stands first unless `maximum` is None."""
    first = maximum_length(maximum) if maximum is not None else b""
    return item(0x50, first + b"".join(sub_items))


def role(sop_class: str, scu: int, scp: int) -> bytes:
    return item(0x54, counted(sop_class.encode()) + bytes([scu, scp]))


def user_identity(kind: int, primary: bytes, secondary: bytes = b"", response: int = 0) -> bytes:
    return item(0x58, bytes([kind, response]) + counted(primary) + counted(secondary))


def associate(
    pdu_type: int, *items: bytes, called: bytes = b"ARCHIVE", calling: bytes = b"MODALITY", version: int = 1
) -> bytes:
    """An A-ASSOCIATE-RQ or -AC of the given items, in their order."""
    fixed = pack(">H2x16s16s32x", version, called.ljust(16), calling.ljust(16))
    return pdu(pdu_type, fixed + b"".join(items))


def request(*contexts: bytes, sub_items: tuple[bytes, ...] = (), called: bytes = b"ARCHIVE") -> bytes:
    """An A-ASSOCIATE-RQ that has all it must have; Verification is proposed unless contexts are given."""
    proposals = contexts or (proposed_context(1, VERIFICATION, IMPLICIT_LITTLE),)
    return associate(1, uid(0x10, APPLICATION_CONTEXT), *proposals, user_information(*sub_items), called=called)


def acceptance(*contexts: bytes, sub_items: tuple[bytes, ...] = ()) -> bytes:
    """An A-ASSOCIATE-AC that has all it must have."""
    answers = contexts or (answered_context(1, 0, IMPLICIT_LITTLE),)
    return associate(2, uid(0x10, APPLICATION_CONTEXT), *answers, user_information(*sub_items))


def rejection(result: int = 1, source: int = 1, reason: int = 7) -> bytes:
    return pdu(3, bytes([0, result, source, reason]))


def pdv(
    data: bytes, context_id: int = 1, *, command: bool = False, last: bool = True, length: int | None = None
) -> bytes:
    """A presentation-data-value item; `length` may lie."""
    control = int(command) | int(last) << 1
    return pack(">IBB", len(data) + 2 if length is None else length, context_id, control) + data


def p_data(*items: bytes) -> bytes:
    return pdu(4, b"".join(items))


def release_request() -> bytes:
    return pdu(5, bytes(4))


def release_response() -> bytes:
    return pdu(6, bytes(4))


def abort(source: int = 0, reason: int = 0) -> bytes:
    return pdu(7, bytes([0, 0, source, reason]))


def command_set(*elements: tuple[int, int, bytes]) -> bytes:
    """A command set in Implicit VR Little Endian with its group length first (PS3.7 §6.3.1)."""
    body = b"".join(pack("<HHI", group, element, len(value)) + value for group, element, value in elements)
    return pack("<HHII", 0, 0, 4, len(body)) + body


def echo_request(message_id: int = 1) -> bytes:
    """A C-ECHO-RQ in one P-DATA-TF."""
    elements = (
        (0, 0x0002, b"1.2.840.10008.1.1\0"),
        (0, 0x0100, pack("<H", 0x0030)),
        (0, 0x0110, pack("<H", message_id)),
        (0, 0x0800, pack("<H", 0x0101)),
    )
    return p_data(pdv(command_set(*elements), command=True))


def scapy_request() -> bytes:
    """An A-ASSOCIATE-RQ with every sub-item that may stand in one, encoded independently of this module."""
    from scapy.contrib import dicom

    def wrapped(value: object) -> object:
        return dicom.DICOMVariableItem() / value

    context = dicom.DICOMPresentationContextRQ(
        context_id=3,
        sub_items=[
            wrapped(dicom.DICOMAbstractSyntax(uid=VERIFICATION.encode())),
            wrapped(dicom.DICOMTransferSyntax(uid=EXPLICIT_LITTLE.encode())),
            wrapped(dicom.DICOMTransferSyntax(uid=IMPLICIT_LITTLE.encode())),
        ],
    )
    information = [
        dicom.DICOMMaximumLength(max_pdu_length=32768),
        dicom.DICOMImplementationClassUID(uid=b"1.2.3.4"),
        dicom.DICOMImplementationVersionName(name=b"FORGE_1"),
        dicom.DICOMAsyncOperationsWindow(max_ops_invoked=3, max_ops_performed=0),
        dicom.DICOMSCPSCURoleSelection(sop_class_uid=b"1.2.5", scu_role=0, scp_role=1),
        dicom.DICOMSOPClassExtendedNegotiation(sop_class_uid=b"1.2.6", service_class_application_information=b"\1\0"),
        dicom.DICOMSOPClassCommonExtendedNegotiation(
            sop_class_uid=b"1.2.7", service_class_uid=b"1.2.8", related_sop_class_uids=counted(b"1.2.9")
        ),
        dicom.DICOMUserIdentity(
            user_identity_type=2, positive_response_requested=1, primary_field=b"anna", secondary_field=b"secret"
        ),
    ]
    fixed = dicom.A_ASSOCIATE_RQ(
        called_ae_title=b"ARCHIVE".ljust(16),
        calling_ae_title=b"MODALITY".ljust(16),
        variable_items=[
            wrapped(dicom.DICOMApplicationContext()),
            wrapped(context),
            wrapped(dicom.DICOMUserInformation(sub_items=[wrapped(value) for value in information])),
        ],
    )
    return bytes(dicom.DICOM() / fixed)
