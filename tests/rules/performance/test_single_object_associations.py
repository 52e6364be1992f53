"""An association for each object."""

from dicomsniff.rules.finding import Side
from dicomsniff.rules.performance.single_object_associations import RULE
from tests.captures import real
from tests.forge.traffic import TrafficForge
from tests.rules.applying import hits, is_quiet


@real.here
def test_fires_on_twelve_associations_for_twelve_images() -> None:
    [told] = hits(RULE, real.analysis("association_per_image").traffic)
    assert told.act is Side.REQUESTOR and told.facts["count"] == 12
    assert "12 objects of study" in told.message


def test_is_quiet_where_few_associations_carry_one_object_and_where_one_carries_many() -> None:
    forge = TrafficForge()
    for _ in range(4):
        forge.exchange(forge.association(), "C-STORE", status=0)
    many = forge.association()
    for _ in range(20):
        forge.exchange(many, "C-STORE", status=0)
    assert is_quiet(RULE, forge.traffic())
