"""PDVs in, DIMSE messages out (PS3.7): command sets, fragments to messages, status per service, bounded data sets.

- `MessageAssembler`: the P-DATA-TF PDUs of one direction become `Message` values, with what is odd as `Anomaly`.
- `CommandSet`: the decoded command of a message; `message_name` and `service_name` say its Command Field in words.
- `PayloadStore` · `Payload`: where data sets go and how they are read back: hash, head, and the whole where asked for.
- `describe_status`: a status in the words of its service. `uid_name`, `service_class_of`: what a UID stands for.
- `read_dataset`: the elements of a data set as plain text, headers and short values only.

Importing this room does not import pydicom: names of UIDs and elements are looked up when one is asked for.
"""

from dicomsniff.dimse.assembler import MessageAssembler
from dicomsniff.dimse.command import CommandSet, decode_command, message_name, service_name
from dicomsniff.dimse.dataset import DataSet, Element, read_dataset
from dicomsniff.dimse.message import Message, SubOperations
from dicomsniff.dimse.payload import Payload, PayloadStore, PayloadWriter
from dicomsniff.dimse.status import Status, describe_status, failure_reason
from dicomsniff.dimse.uids import is_compressed, is_storage_class, service_class_of, uid_name

__all__ = [
    "CommandSet",
    "DataSet",
    "Element",
    "Message",
    "MessageAssembler",
    "Payload",
    "PayloadStore",
    "PayloadWriter",
    "Status",
    "SubOperations",
    "decode_command",
    "describe_status",
    "failure_reason",
    "is_compressed",
    "is_storage_class",
    "message_name",
    "read_dataset",
    "service_class_of",
    "service_name",
    "uid_name",
]
