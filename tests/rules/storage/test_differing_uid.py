"""DS-STORE-004: commands that announce another object."""

from dicomsniff.rules.storage.differing_uid import RULE
from tests.captures import real
from tests.rules.applying import hits, is_quiet, only
from tests.rules.data_sets.stored import ct, cut, stored


def test_fires_for_another_instance() -> None:
    hit = only(RULE, stored(ct(SOPInstanceUID="1.9.9")))
    assert "announces 1.2.3.4, but the object says 1.9.9 (SOP instance)" in hit.message
    assert (hit.severity, hit.act) == ("warning", "requestor")


def test_fires_for_another_class_and_counts() -> None:
    hit = only(RULE, stored(*[ct(SOPClassUID="1.2.840.10008.5.1.4.1.1.4")] * 3, status=0xA900))
    assert "(CT Image Storage), but the object says 1.2.840.10008.5.1.4.1.1.4 (SOP class)" in hit.message
    assert "the same in 2 more" in hit.message and hit.severity == "error"


def test_fires_where_the_object_does_not_say() -> None:
    assert "has no SOP Class UID (0008,0016)" in only(RULE, stored(ct(SOPClassUID=None))).message


def test_is_quiet_about_padding_and_what_was_not_seen() -> None:
    assert is_quiet(RULE, stored(ct(SOPInstanceUID="1.2.3.45"), instances=["1.2.3.45"]))
    assert is_quiet(RULE, cut(ct()[:20]))


@real.here
def test_is_quiet_about_real_objects() -> None:
    assert not [hit for name in real.names() if "/" in name for hit in hits(RULE, real.analysis(name).traffic)]
