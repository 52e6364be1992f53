"""Who asks and who performs, whichever end opened the association."""

from dicomsniff.association.parties import asking, performing
from tests.forge.workflow import COMMITMENT, Day


def test_the_asking_side_is_that_of_the_request() -> None:
    day = Day()
    association = day.associate(COMMITMENT)
    day.request("1.1", association=association)
    day.result(["1.1"], association=association)
    traffic = day.traffic()
    request, result = traffic.exchanges
    held = traffic.association(1)
    assert asking(request, held) == performing(result, held) == ("10.0.0.1", "CT01")
    assert performing(request, held) == asking(result, held) == ("10.0.0.2", "PACS")
