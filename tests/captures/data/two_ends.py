"""Rebuilds the pair of captures beside it: DCMTK over a path that delays, loses and reorders, captured at both ends at once.

Needs root, DCMTK, tcpdump, pydicom and the traffic lab (its folder is the first argument). The pair is written beside this
file, or with a second argument to that folder together with pairs over better and worse paths:

    python tests/captures/data/two_ends.py ../shared/lab [FOLDER]

The objects are the same each time, so the tests can make them again and compare them byte for byte.
"""

import random
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
SIZE, COUNT = 100, 3


def images(folder: Path, count: int, size: int) -> list[Path]:
    """CT images of `size` x `size`, always the same."""
    import pydicom

    made = []
    rng = random.Random(9)
    for number in range(count):
        image = pydicom.Dataset()
        image.SOPClassUID, image.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", f"1.2.826.0.1.3680043.10.90.{number + 1}"
        image.PatientName, image.PatientID, image.Modality, image.StudyID = "Lab^Two", "L2", "CT", "1"
        image.StudyDate, image.AccessionNumber, image.InstanceNumber = "20260101", "A1", number + 1
        image.StudyInstanceUID, image.SeriesInstanceUID = "1.2.826.0.1.3680043.10.91", "1.2.826.0.1.3680043.10.91.1"
        image.Rows = image.Columns = size
        image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 16, 15, 0
        image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
        image.PixelData = rng.randbytes(size * size * 2)
        image.file_meta = pydicom.dataset.FileMetaDataset()
        image.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        made.append(folder / f"ct{number + 1}.dcm")
        image.save_as(made[-1], enforce_file_format=True)
    return made


ARCHIVE = """NetworkTCPPort  = 11112
MaxPDUSize      = 16384
MaxAssociations = 16
HostTable BEGIN
acme1 = (ACME1, 10.77.0.1, 1234)
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
ACME_STORE   {db}   RW (100, 1024mb)   ANY
AETable END
"""


def play(folder: Path, out: Path, name: str, size: int, count: int, **path: Any) -> None:
    """Store, query, a called AE title that is wrong and a port where nobody listens, captured at the modality and at the
    archive."""
    sys.path.insert(0, str(folder))
    lab_of: Any = import_module("lab")
    work = Path("/tmp/two-ends") / name
    db = work / "db"
    db.mkdir(parents=True, exist_ok=True)
    for old in db.iterdir():
        old.unlink()
    files = images(work, count, size)
    bridge = lab_of.Bridge(**path) if path else None
    with lab_of.Lab(work, bridge=bridge) as lab:
        config = work / "dcmqrscp.cfg"
        config.write_text(ARCHIVE.format(db=db))
        lab.bg(lab_of.B, f"dcmqrscp -v -c {config}", "archive.log")
        client = lab.capture(f"{name}_client.pcap", ns=lab_of.A, flt="tcp or icmp")
        server = lab.capture(f"{name}_server.pcap", ns=lab_of.B, flt="tcp or icmp")
        to = f"{lab_of.IP[lab_of.B]} 11112"
        me = "-aet ACME1 -aec ACME_STORE"
        lab.fg(lab_of.A, f"storescu -v -R {me} {to} {' '.join(map(str, files))}", "modality.log")
        keys = "-k QueryRetrieveLevel=STUDY -k PatientID=L2 -k StudyInstanceUID -k StudyDate"
        lab.fg(lab_of.A, f"findscu -v -S {me} {to} {keys}", "modality.log")
        lab.fg(lab_of.A, f"echoscu -v -aet ACME1 -aec WRONG {to}", "modality.log")
        lab.fg(lab_of.A, f"echoscu -v {me} {lab_of.IP[lab_of.B]} 4242", "modality.log")
        server.stop().replace(out / f"{name}_server.pcap")
        client.stop().replace(out / f"{name}_client.pcap")


def main() -> None:
    folder = Path(sys.argv[1]).resolve()
    out = Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else HERE.parent
    out.mkdir(parents=True, exist_ok=True)
    play(folder, out, "two_ends", SIZE, COUNT, delay=0.02, loss=0.06, reorder=0.02)
    if len(sys.argv) > 2:
        play(folder, out, "large", 512, 4, delay=0.02, loss=0.02)
        play(folder, out, "doubled", 256, 4, delay=0.02, loss=0.10, reorder=0.10, dup=0.03)
        play(folder, out, "near", 256, 4)
        play(folder, out, "far", 128, 4, delay=0.15, loss=0.05)


if __name__ == "__main__":
    main()
