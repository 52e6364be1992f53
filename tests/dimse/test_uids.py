"""What UIDs stand for, held against pydicom's copy of the registry (PS3.6 Annex A)."""

import subprocess
import sys

from pydicom.uid import AllTransferSyntaxes, UID_dictionary  # type: ignore[attr-defined]

from dicomsniff.dimse.uids import is_compressed, is_storage_class, service_class_of, uid_name


def test_names_of_known_and_unknown_uids() -> None:
    assert uid_name("1.2.840.10008.5.1.4.1.1.2") == "CT Image Storage"
    assert uid_name("1.2.3.4") == "1.2.3.4"
    assert uid_name("no uid at all") == "no uid at all"


def test_service_classes_of_the_common_classes() -> None:
    wanted = {
        "1.2.840.10008.1.1": "verification",
        "1.2.840.10008.5.1.4.1.1.7": "store",
        "1.2.840.10008.5.1.4.1.2.2.1": "query",
        "1.2.840.10008.5.1.4.1.2.2.2": "retrieve-move",
        "1.2.840.10008.5.1.4.1.2.1.3": "retrieve-get",
        "1.2.840.10008.5.1.4.31": "worklist",
        "1.2.840.10008.3.1.2.3.3": "mpps",
        "1.2.840.10008.1.20.1": "commitment",
        "1.2.840.10008.5.1.1.9": "print",
        "1.2.840.10008.5.1.1.40.1": "print",
        "1.2.840.10008.5.1.4.34.6.4": "ups",
        "1.2.840.10008.5.1.4.33": "other",
        "1.3.12.2.1107.5.9.1": "other",
    }
    assert {uid: service_class_of(uid) for uid in wanted} == wanted


def test_storage_classes_are_those_the_registry_calls_storage() -> None:
    # Named storage, but moved by media, commitment or management; and two that are retired without a name.
    not_stored = {"1.2.840.10008.1.3.10", "1.2.840.10008.1.20.1", "1.2.840.10008.1.20.2"}
    for uid, (name, kind, *_) in UID_dictionary.items():
        if kind == "SOP Class" and name and uid not in not_stored:
            assert is_storage_class(uid) == ("Storage" in name), (uid, name)


def test_queries_and_retrievals_are_those_the_registry_calls_so() -> None:
    ends = {"- FIND": {"query", "worklist"}, "- MOVE": {"retrieve-move"}, "- GET": {"retrieve-get"}}
    for uid, (name, *_) in UID_dictionary.items():
        for end, services in ends.items():
            if name.upper().endswith(end):
                assert service_class_of(uid) in services, (uid, name)


def test_compressed_syntaxes_are_those_pydicom_calls_so() -> None:
    encapsulated_uncompressed = "1.2.840.10008.1.2.1.98"
    for uid in AllTransferSyntaxes:
        if not uid.startswith("1.2.840.10008.1.2.7.") and uid != encapsulated_uncompressed:
            assert is_compressed(uid) == uid.is_compressed, uid


def test_the_room_is_entered_without_pydicom() -> None:
    told = "import sys, dicomsniff.dimse as d; d.service_class_of('1.2'); d.describe_status('C-STORE', 1)"
    code = f"{told}; sys.exit('pydicom' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
