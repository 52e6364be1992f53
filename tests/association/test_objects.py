"""What the data sets of a capture contain, gathered in one pass."""

from dicomsniff.association.objects import contents
from dicomsniff.dimse.inspection import Fault
from tests.forge.traffic import IMPLICIT, TrafficForge, data_set
from tests.rules.data_sets.stored import ct, cut, pixels, stored


def test_objects_that_are_alike_are_counted_like_any_other() -> None:
    instances = [f"1.2.3.{n}" for n in range(100, 140)]
    objects = [ct(SOPInstanceUID=one, PatientID=None) + pixels(128) for one in instances]
    made = contents(stored(*objects, instances=instances))
    assert (made.objects, made.inspected) == (40, 40)
    (missing,) = made.missing.values()
    assert (missing.tag, missing.count, missing.instances[0]) == (0x00100020, 40, "1.2.3.100")
    assert not made.groups and not made.differing


def test_one_that_differs_among_many_that_are_alike_is_found() -> None:
    instances = [f"1.2.3.{n}" for n in range(100, 120)]
    objects = [ct(SOPInstanceUID=one) for one in instances]
    objects[10] = ct(SOPInstanceUID="1.2.3.999")
    objects[15] = ct(SOPInstanceUID=instances[15], PatientID="P2")
    made = contents(stored(*objects, instances=instances))
    (differing,) = made.differing.values()
    assert (differing.what, differing.announced, differing.told) == ("SOP instance", "1.2.3.110", "1.2.3.999")
    (study,) = made.studies.values()
    assert set(study.patients) == {b"P1", b"P2"}


def test_faults_of_one_kind_are_one_group_and_many_are_sampled() -> None:
    made = contents(stored(*[ct(StudyInstanceUID="1.02")] * 500))
    (group,) = made.of(Fault.UID)
    assert made.hasty and 300 <= group.count < 500 and group.instances


def test_it_is_gathered_once() -> None:
    traffic = stored(ct())
    assert contents(traffic) is contents(traffic)


def test_what_was_not_seen_is_not_missing() -> None:
    made = contents(cut(ct()[:40]))
    assert not made.groups and not made.differing


def test_an_identifier_that_comes_again_counts_again_and_a_faulty_one_is_faulty_again() -> None:
    forge = TrafficForge()
    talk = forge.association(contexts=[("1.2.840.10008.5.1.4.1.2.2.1", (IMPLICIT,), 0)])
    sound = data_set(QueryRetrieveLevel="STUDY", PatientID="P1", StudyInstanceUID="1.2.3")
    faulty = sound + b"\x20\0\x10\0\x32\0\0\0x"  # an element that runs past the end
    for data in (sound, faulty, sound, faulty, sound):
        forge.exchange(talk, "C-FIND", status=0, data=data)
    made = contents(forge.traffic())
    assert made.inspected == 5
    assert [group.count for group in made.groups.values()] == [2]
