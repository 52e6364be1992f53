"""What to set where, product by product: data, and the words of one setting with this capture's values in it.

Sources: DCMTK 3.6.7 `storescp --help`, `dcmqrscp --help` and dcmqrscp.cfg; orthanc.json of Orthanc 1.10.1; pynetdicom 3.0
documentation of ApplicationEntity; the configuration attributes of dcm4chee-arc 5; dicom.ini, dgatesop.lst and
acrnema.map of Conquest 1.4.17 to 1.5.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from dicomsniff.rules.finding import Side


class Remedy(StrEnum):
    """What has to change on the side that must act."""

    TRANSFER_SYNTAX = "accept the transfer syntax"
    SOP_CLASS = "accept the SOP class"
    OWN_TITLE = "answer to the called AE title"
    CALLED_TITLE = "call the peer by a title that it accepts"
    CALLER = "accept the calling AE title"
    KNOWN_HOST = "know the destination's address"
    MORE_ASSOCIATIONS = "allow more associations at once"
    IDLE_TIME = "wait longer before closing an idle association"


# Rules whose finding a setting would mend, and the side whose setting it is.
REMEDIES: Mapping[tuple[str, Side], Remedy] = {
    ("DS-PC-002", Side.ACCEPTOR): Remedy.SOP_CLASS,
    ("DS-PC-003", Side.ACCEPTOR): Remedy.TRANSFER_SYNTAX,
    ("DS-PC-008", Side.ACCEPTOR): Remedy.TRANSFER_SYNTAX,
    ("DS-ASSOC-001", Side.ACCEPTOR): Remedy.OWN_TITLE,
    ("DS-ASSOC-001", Side.REQUESTOR): Remedy.CALLED_TITLE,
    ("DS-ASSOC-002", Side.ACCEPTOR): Remedy.CALLER,
    ("DS-ASSOC-005", Side.ACCEPTOR): Remedy.MORE_ASSOCIATIONS,
    ("DS-ASSOC-010", Side.ACCEPTOR): Remedy.IDLE_TIME,
    ("DS-RET-001", Side.ACCEPTOR): Remedy.KNOWN_HOST,
    ("DS-RET-002", Side.ACCEPTOR): Remedy.KNOWN_HOST,
    ("DS-RET-003", Side.ACCEPTOR): Remedy.KNOWN_HOST,
    ("DS-SC-003", Side.ACCEPTOR): Remedy.KNOWN_HOST,
}

_TEXTS: Mapping[tuple[str, Remedy], str] = {
    ("DCMTK", Remedy.TRANSFER_SYNTAX): "storescp: start it with +xa (--accept-all); storescp and dcmqrscp: list "
    "{transfer_syntaxes} in the association profile given with -xf",
    ("DCMTK", Remedy.SOP_CLASS): "storescp: start it with -pm (--promiscuous); storescp and dcmqrscp: list "
    "{sop_classes} in the association profile given with -xf",
    ("DCMTK", Remedy.OWN_TITLE): "dcmqrscp: a row for {called_ae} in the AETable of dcmqrscp.cfg",
    ("DCMTK", Remedy.CALLED_TITLE): "echoscu, storescu, findscu, movescu, getscu: -aec {accepted_ae}",
    ("DCMTK", Remedy.CALLER): "dcmqrscp: in dcmqrscp.cfg a HostTable row name = ({calling_ae}, {host}, PORT), and that "
    "name as peer of the called AE's row in the AETable",
    ("DCMTK", Remedy.KNOWN_HOST): "dcmqrscp: in the HostTable of dcmqrscp.cfg a row name = ({destination}, {host}, {port})",
    ("DCMTK", Remedy.MORE_ASSOCIATIONS): "dcmqrscp: MaxAssociations in dcmqrscp.cfg (16 unless set)",
    ("DCMTK", Remedy.IDLE_TIME): "storescp and dcmqrscp: -td (--dimse-timeout), in seconds; -ts of storescp for the socket",
    ("Orthanc", Remedy.TRANSFER_SYNTAX): 'orthanc.json: add {transfer_syntaxes} to "AcceptedTransferSyntaxes" (before 1.9.0: '
    'the options that end in "TransferSyntaxAccepted")',
    ("Orthanc", Remedy.SOP_CLASS): 'orthanc.json: "UnknownSopClassAccepted" : true',
    ("Orthanc", Remedy.OWN_TITLE): 'orthanc.json: "DicomAet" : "{called_ae}", or "DicomCheckCalledAet" : false',
    ("Orthanc", Remedy.CALLED_TITLE): 'orthanc.json: the first value of the row in "DicomModalities" is the title it calls: '
    '[ "{accepted_ae}", "{called_host}", {called_port} ]',
    ("Orthanc", Remedy.CALLER): 'orthanc.json: in "DicomModalities" a row "{calling_ae}" : [ "{calling_ae}", "{host}", PORT ]',
    ("Orthanc", Remedy.KNOWN_HOST): 'orthanc.json: in "DicomModalities" a row "{destination}" : [ "{destination}", "{host}", {port} ]',
    ("Orthanc", Remedy.MORE_ASSOCIATIONS): 'orthanc.json: "DicomThreadsCount" (4 unless set)',
    ("Orthanc", Remedy.IDLE_TIME): 'orthanc.json: "DicomScpTimeout", in seconds (30 unless set)',
    ("dcm4che", Remedy.TRANSFER_SYNTAX): "dcm4chee-arc: in the Network AE's Transfer Capability (role SCP) of the SOP class, add "
    "{transfer_syntaxes} to the transfer syntaxes (dicomTransferSyntax)",
    ("dcm4che", Remedy.SOP_CLASS): "dcm4chee-arc: a Transfer Capability of the Network AE with SOP class {sop_classes}, role SCP; "
    "storescp: --sop-classes FILE or --accept-unknown",
    ("dcm4che", Remedy.OWN_TITLE): "dcm4chee-arc: a Network AE of the device with the AE title {called_ae}",
    ("dcm4che", Remedy.CALLED_TITLE): "storescu, findscu, movescu, getscu: -c {accepted_ae}@{called_host}:{called_port}",
    ("dcm4che", Remedy.CALLER): "dcm4chee-arc: {calling_ae} among the Accepted Calling AE Titles of the called Network AE "
    "(dcmAcceptedCallingAETitle)",
    ("dcm4che", Remedy.KNOWN_HOST): "dcm4chee-arc: a device with Network AE {destination} and a Network Connection to "
    "{host}, port {port}",
    ("dcm4che", Remedy.MORE_ASSOCIATIONS): "dcm4chee-arc: dcmLimitOpenAssociations of the device (0: no limit)",
    ("dcm4che", Remedy.IDLE_TIME): "dcm4chee-arc: Idle Timeout of the Network Connection (dcmIdleTimeout), in milliseconds",
    ("pynetdicom", Remedy.TRANSFER_SYNTAX): "ae.add_supported_context(SOP_CLASS, [{transfer_syntaxes}])",
    ("pynetdicom", Remedy.SOP_CLASS): "ae.add_supported_context({sop_classes}, TRANSFER_SYNTAXES)",
    ("pynetdicom", Remedy.OWN_TITLE): 'ae.ae_title = "{called_ae}", or ae.require_called_aet = False',
    ("pynetdicom", Remedy.CALLED_TITLE): 'ae.associate("{called_host}", {called_port}, ae_title="{accepted_ae}")',
    ("pynetdicom", Remedy.CALLER): 'add "{calling_ae}" to ae.require_calling_aet',
    ("pynetdicom", Remedy.KNOWN_HOST): 'the handler of evt.EVT_C_MOVE yields ("{host}", {port}) for {destination}',
    ("pynetdicom", Remedy.MORE_ASSOCIATIONS): "ae.maximum_associations (10 unless set)",
    ("pynetdicom", Remedy.IDLE_TIME): "ae.network_timeout, in seconds (60 unless set)",
    ("Conquest", Remedy.TRANSFER_SYNTAX): "dgatesop.lst: a row of type transfer for {transfer_syntaxes}, without # before it",
    ("Conquest", Remedy.SOP_CLASS): "dgatesop.lst: a row of type sop for {sop_classes}, without # before it",
    ("Conquest", Remedy.OWN_TITLE): "dicom.ini: MyACRNema = {called_ae}",
    ("Conquest", Remedy.CALLED_TITLE): "acrnema.map: a row {accepted_ae} {called_host} {called_port} un",
    ("Conquest", Remedy.KNOWN_HOST): "acrnema.map: a row {destination} {host} {port} un",
}  # fmt: skip

UNKNOWN = {"host": "HOST", "port": "PORT"}
"""What stands for a value that the capture does not show and the reader must fill in."""


def words(product: str, remedy: Remedy, values: Mapping[str, str]) -> str | None:
    """The setting of a product with these values in it; None where the product has none, or a value that cannot be left
    to the reader is missing. `values`: transfer_syntaxes, sop_classes, called_ae, accepted_ae, called_host, called_port,
    calling_ae, destination, host, port."""
    text = _TEXTS.get((product, remedy))
    if text is None:
        return None
    from string import Formatter  # few findings have settings to tell

    needed = {name for _, name, _, _ in Formatter().parse(text) if name}
    known = UNKNOWN | {name: value for name, value in values.items() if value}
    return text.format_map(known) if needed <= known.keys() else None
