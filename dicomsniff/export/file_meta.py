"""What the file says of itself: an object's negotiation in, the bytes before its data set out (PS3.10 §7.1)."""

from __future__ import annotations

IMPLEMENTATION_CLASS_UID = "2.25.168430890990940398366005342047209081648"
LONGEST_AE_TITLE = 16


def part10_header(
    sop_class: str, sop_instance: str, transfer_syntax: str, sender: str | None, receiver: str | None, version: str
) -> bytes:
    """Preamble, prefix and File Meta Information; the AE titles are those of the association, None where unknown.

    UIDs are written as they are, also those that break the rules of PS3.5 §9.1: what was sent is what is exported.
    """
    from pydicom.config import disable_value_validation
    from pydicom.dataset import FileMetaDataset  # imported when an object is written: it costs 200 ms
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_file_meta_info
    from pydicom.uid import UID

    stream = DicomBytesIO()
    stream.write(bytes(128) + b"DICM")
    with disable_value_validation():
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = UID(sop_class)
        meta.MediaStorageSOPInstanceUID = UID(sop_instance)
        meta.TransferSyntaxUID = UID(transfer_syntax)
        meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
        meta.ImplementationVersionName = f"DICOMSNIFF_{version}"[:16]
        if title := _title(sender):
            meta.SourceApplicationEntityTitle = title
            meta.SendingApplicationEntityTitle = title
        if title := _title(receiver):
            meta.ReceivingApplicationEntityTitle = title
        write_file_meta_info(stream, meta, enforce_standard=True)
    return bytes(stream.getvalue())


def _title(ae: str | None) -> str | None:
    """An AE title if it is a legal one (PS3.5 §6.2): 1 to 16 printable characters without backslash."""
    legal = ae and len(ae) <= LONGEST_AE_TITLE and ae.isascii() and ae.isprintable() and "\\" not in ae
    return ae if legal else None
