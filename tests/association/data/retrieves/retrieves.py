"""Makes the captures beside it: retrieves as real toolkits (pynetdicom, DCMTK) carry them out, and fail to.

`LAB=<folder of lab.py> python retrieves.py OUT [NAME ...]`, as root, with DCMTK and tcpdump. The workstation WS1 is
10.77.0.1 (a second one 10.77.0.3), the archive ARCHIVE is 10.77.0.2:11112; WS1 listens on port 1234.
"""

# mypy: ignore-errors

import os
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve()
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
STUDY_MOVE, STUDY_GET = "1.2.840.10008.5.1.4.1.2.2.2", "1.2.840.10008.5.1.4.1.2.2.3"
IMPLICIT = "1.2.840.10008.1.2"
STUDY = "1.2.826.0.1.3680043.10.99.1"
ME = f"{sys.executable} -u {HERE}"
ARCHIVE, LISTENER = ("10.77.0.2", 11112), ("10.77.0.1", 1234)


def study(number: int, count: int = 3):
    """Small Secondary Captures of one study."""
    from pydicom.dataset import Dataset, FileMetaDataset

    for place in range(1, count + 1):
        made = Dataset()
        made.file_meta = FileMetaDataset()
        made.file_meta.TransferSyntaxUID = IMPLICIT
        made.SOPClassUID, made.SOPInstanceUID = SECONDARY_CAPTURE, f"{STUDY}.{number}.1.{place}"
        made.PatientName, made.PatientID = "LAB^PATIENT", "LAB0001"
        made.StudyInstanceUID, made.SeriesInstanceUID = f"{STUDY}.{number}", f"{STUDY}.{number}.1"
        made.Modality, made.InstanceNumber = "OT", place
        made.Rows = made.Columns = 16
        made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
        made.BitsAllocated = made.BitsStored = 8
        made.HighBit, made.PixelRepresentation, made.PixelData = 7, 0, bytes(256)
        yield made


def archive(options: dict[str, str]) -> None:
    """C-MOVE and C-GET of pynetdicom; with `own` a C-MOVE of its own manners instead."""
    from pynetdicom import AE, build_context, evt
    from pynetdicom.service_class import QueryRetrieveServiceClass

    ae = AE("ARCHIVE")
    ae.acse_timeout, ae.connection_timeout = 8, 8
    ae.add_supported_context(STUDY_MOVE)
    ae.add_supported_context(STUDY_GET)
    ae.add_supported_context(SECONDARY_CAPTURE, scu_role=True, scp_role=True)
    address = options.get("to", "10.77.0.1:1234").split(":")
    destination = address[0], int(address[1])
    title = options.get("title")

    def objects(event):
        wanted = event.identifier.StudyInstanceUID.rpartition(".")[2]
        return list(study(int(wanted), int(options.get("count", 3))))

    def move(event):
        contexts = [build_context(SECONDARY_CAPTURE, IMPLICIT)]
        yield (*destination, {"ae_title": title or event.move_destination, "contexts": contexts})
        found = [] if options.get("empty") else objects(event)
        yield len(found)
        for one in found:
            time.sleep(float(options.get("gap", 0)))
            yield 0xFF00, one

    def get(event):
        found = objects(event)
        yield len(found)
        for one in found:
            yield 0xFF00, one

    if "own" in options:
        QueryRetrieveServiceClass._move_scp = own_move(ae, destination, objects, options)
    ae.start_server(("", ARCHIVE[1]), evt_handlers=[(evt.EVT_C_MOVE, move), (evt.EVT_C_GET, get)])


def own_move(ae, destination, objects, options):
    """A C-MOVE SCP that does what is ordered: `parallel` associations, one `pooled` for all moves, the `early` final
    response, `silent` about the originator, counters that are `odd`."""
    from types import SimpleNamespace

    from pydicom import dcmread
    from pydicom.filebase import DicomBytesIO
    from pynetdicom import build_context
    from pynetdicom.dimse_primitives import C_MOVE

    pool = []

    def connect(title):
        return ae.associate(*destination, ae_title=title, contexts=[build_context(SECONDARY_CAPTURE, IMPLICIT)])

    def scp(self, req, context):
        raw = DicomBytesIO(req.Identifier.getvalue())
        raw.is_implicit_VR, raw.is_little_endian = True, True
        found = objects(SimpleNamespace(identifier=dcmread(raw, force=True)))
        originator = (
            {}
            if "silent" in options
            else {
                "originator_aet": self.assoc.requestor.ae_title,
                "originator_id": req.MessageID,
            }
        )
        title = req.MoveDestination.strip()
        ways = pool if pool else [connect(title) for _ in range(int(options.get("parallel", 1)))]
        done, lock = [], threading.Lock()

        def answer(status, remaining=None, completed=None):
            rsp = C_MOVE()
            rsp.MessageID = rsp.MessageIDBeingRespondedTo = req.MessageID
            rsp.AffectedSOPClassUID, rsp.Status = req.AffectedSOPClassUID, status
            rsp.NumberOfRemainingSuboperations, rsp.NumberOfCompletedSuboperations = remaining, completed
            rsp.NumberOfFailedSuboperations = rsp.NumberOfWarningSuboperations = 0
            self.dimse.send_msg(rsp, context.context_id)

        def deliver(way, own):
            for one in own:
                way.send_c_store(one, **originator)
                with lock:
                    done.append(one)
                    if "early" not in options:
                        shown = len(found) if "odd" in options else len(found) - len(done)
                        answer(0xFF00, shown, len(done))
            if "pooled" not in options:
                way.release()

        def all_of_it():
            time.sleep(1.5 if "early" in options else 0)
            threads = [threading.Thread(target=deliver, args=(w, found[n :: len(ways)])) for n, w in enumerate(ways)]
            for one in threads:
                one.start()
            for one in threads:
                one.join()

        if "pooled" in options:
            pool[:] = ways
        if "early" in options:
            answer(0x0000, None, len(found))
            threading.Thread(target=all_of_it).start()
        else:
            all_of_it()
            answer(0x0000, None, len(found))

    return scp


def listener(options: dict[str, str]) -> None:
    """A workstation's C-STORE SCP; `refuse`: the instance number it refuses."""
    from pynetdicom import AE, evt

    ae = AE(options.get("title", "WS1"))
    ae.require_called_aet = "called" in options
    if "calling" in options:
        ae.require_calling_aet = [options["calling"]]
    ae.add_supported_context("1.2.840.10008.1.1")
    ae.add_supported_context(options.get("only", SECONDARY_CAPTURE))

    def store(event):
        time.sleep(float(options.get("delay", 0)))
        return 0xA700 if event.dataset.InstanceNumber == int(options.get("refuse", 0)) else 0x0000

    address = options.get("at", "10.77.0.1:1234").split(":")
    ae.start_server((address[0], int(address[1])), evt_handlers=[(evt.EVT_C_STORE, store)])


def client(options: dict[str, str]) -> None:
    """WS1 retrieves study after study; `patience`: seconds after which it aborts."""
    from pydicom.dataset import Dataset
    from pynetdicom import AE, build_role, evt

    ae = AE("WS1")
    service = STUDY_GET if "get" in options else STUDY_MOVE
    ae.add_requested_context(service)
    roles = []
    if "get" in options:
        ae.add_requested_context(SECONDARY_CAPTURE)
        roles = [build_role(SECONDARY_CAPTURE, scp_role=True)]
    if "patience" in options:
        ae.dimse_timeout = float(options["patience"])

    def store(event):
        return 0xA700 if event.dataset.InstanceNumber == 2 else 0x0000

    association = ae.associate(*ARCHIVE, ae_title="ARCHIVE", ext_neg=roles, evt_handlers=[(evt.EVT_C_STORE, store)])
    for number in range(1, int(options.get("studies", 1)) + 1):
        keys = Dataset()
        keys.QueryRetrieveLevel, keys.StudyInstanceUID = "STUDY", f"{STUDY}.{number}"
        if "get" in options:
            answers = association.send_c_get(keys, service)
        else:
            answers = association.send_c_move(keys, options.get("dest", "WS1"), service)
        for status, _ in answers:
            print(status)
    time.sleep(float(options.get("linger", 0)))
    if association.is_established:
        association.release()


def play(out: Path, name: str, scenario: dict[str, str]) -> None:
    """One scenario between two hosts, captured at the archive."""
    from lab import A, B, Lab, sh

    with Lab(out / name) as lab:
        sh(f"ip -n {A} addr add 10.77.0.3/24 dev eth0")
        sh(f"ip -n {B} neigh replace 10.77.0.9 lladdr 02:00:00:00:00:09 dev eth0")
        lab.bg(B, f"{ME} archive {scenario.get('archive', '')}", "archive.log", 1.5)
        for number, one in enumerate(filter(None, scenario.get("listener", "").split("|"))):
            lab.bg(A, f"{ME} listener {one}", f"listener{number}.log", 1.5)
        capture = lab.capture("capture.pcap")
        lab.fg(A, scenario.get("run") or f"{ME} client {scenario.get('client', '')}", "client.log", 60)
        time.sleep(float(scenario.get("wait", 0)))
        capture.stop()
    (out / name / "capture.pcap").replace(out / f"{name}.pcap")


MOVESCU = (
    "movescu -v -S -aet WS1 -aec ARCHIVE -aem WS1 {} 10.77.0.2 11112 -k QueryRetrieveLevel=STUDY -k StudyInstanceUID="
    + STUDY
    + ".1"
)
SCENARIOS = {
    "ok": {"run": MOVESCU.format("+P 1234 +B")},
    "refused": {},
    "silent": {"archive": "to=10.77.0.9:1234"},
    "rejected_called": {"archive": "title=WS-1", "listener": "called=1"},
    "rejected_calling": {"listener": "calling=PACS"},
    "no_context": {"listener": "only=1.2.840.10008.5.1.4.1.1.2"},
    "nothing": {"archive": "empty=1", "listener": "x=1"},
    "elsewhere": {"archive": "to=10.77.0.3:1234", "listener": "x=1|at=10.77.0.3:1234"},
    "elsewhere_rejected": {"archive": "to=10.77.0.3:1234", "listener": "x=1|at=10.77.0.3:1234 title=WS2 called=1"},
    "gave_up": {"archive": "own=1 silent=1 count=5", "listener": "delay=1", "client": "patience=0.6", "wait": "6"},
    "early": {"archive": "own=1 early=1", "listener": "x=1", "client": "linger=3"},
    "counters": {"archive": "own=1 odd=1", "listener": "x=1"},
    "parallel": {"archive": "own=1 parallel=3 count=6", "listener": "x=1"},
    "pooled": {"archive": "own=1 pooled=1", "listener": "x=1", "client": "studies=3"},
    "partly": {"listener": "refuse=2"},
    "get_partly": {"client": "get=1"},
}  # fmt: skip


if __name__ == "__main__":
    first, *rest = sys.argv[1:]
    roles = {"archive": archive, "listener": listener, "client": client}
    if first in roles:
        roles[first](dict(option.split("=", 1) for option in rest))
    else:
        sys.path.insert(0, os.environ["LAB"])
        for chosen in rest or SCENARIOS:
            play(Path(first).resolve(), chosen, SCENARIOS[chosen])
