"""dicomsniff: from a packet capture to what went wrong between DICOM systems, and who must act.

    import dicomsniff
    analysis = dicomsniff.analyze("field.pcapng")
    for finding in analysis.findings:
        print(finding.severity, finding.message, finding.packets)

A packet becomes a finding by walking through these rooms, in this order and never back:

- `capture`      files in, **PacketBlock** out: thousands of packets as columns over one buffer.
- `tcp`          blocks in, **Chunk**, **Gap** and **End** out: the bytes of each direction in order, holes as values.
- `pdu`          stream bytes in, **Pdu** out: the seven PDUs of PS3.8 and their items; "is this DICOM at all?"
- `dimse`        P-DATA in, **Message** out: command sets and data sets of PS3.7, status in words; data-set bytes go
                 to the **PayloadStore**.
- `association`  PDUs and messages in, **Association**, **Exchange** and **Traffic** out: here the facts end.
- `rules`        traffic in, **Finding** out, and a verdict for every rule, "could not tell" among them.
- `report`       facts and findings in, a **Report** of plain rows out; from it JSON, terminal lines and HTML.
- `export`       kept payloads in, Part 10 files and a manifest out.

`core` holds the words all rooms share: **Endpoint**, **Direction**, **Evidence** (which bytes, which packets, when),
**Anomaly** (odd traffic as a value) and **Limits**. `tls` reads the handshakes of encrypted connections, and with
keys opens their records; `secured` hands what they hold to the rooms above. `pipeline` joins the rooms, `parallel`
shares a large capture's connections out to several processes, `live` judges packets while they pass. `compare` tells
how two conversations differ, `query` finds exchanges by an expression, `replay` tells what would say one again,
`crosscheck` what Wireshark reads otherwise, `stages` what leaves each room. `api` is the front door of the library,
`cli` of the command line.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dicomsniff.api import Analysis, analyze

__version__ = "0.1.0"
__all__ = ["Analysis", "__version__", "analyze"]


def __getattr__(name: str) -> Any:
    """Load the library when it is first used: `dicomsniff --version` needs none of it."""
    if name in ("analyze", "Analysis"):
        from dicomsniff import api

        return getattr(api, name)
    raise AttributeError(f"module 'dicomsniff' has no attribute '{name}'")
