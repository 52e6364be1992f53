"""Stream bytes in, PDUs out (PS3.8): framing, every PDU and every A-ASSOCIATE item, and "is this DICOM at all?".

`protocol_of` says which protocol the first bytes of a direction belong to, `looks_like_pdus` whether a stream met in
the middle holds PDUs. A `Framer` per direction takes `Chunk` and `Gap` and gives the values of `pdu.values`, odd ones
beside them as `Anomaly`. The names of codes are in `tables`.

Inside, a PDU is framed by `framer` (what it is in the middle of: `reading`; where a boundary must be proved: `search`;
which packets carried it: `trace`) and decoded by `associate`, `user_information` and `items`, by `control`, or by
`pdata`.
"""

from dicomsniff.pdu.detect import ENOUGH_BYTES, looks_like_pdus, protocol_of
from dicomsniff.pdu.framer import Framer
from dicomsniff.pdu.tables import (
    NOT_SENT,
    abort_text,
    context_result_text,
    item_name,
    pdu_name,
    reject_text,
)

__all__ = [
    "ENOUGH_BYTES",
    "NOT_SENT",
    "Framer",
    "abort_text",
    "context_result_text",
    "item_name",
    "looks_like_pdus",
    "pdu_name",
    "protocol_of",
    "reject_text",
]
