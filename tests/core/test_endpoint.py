"""Endpoints as people write them, and directions."""

from dicomsniff.core import Direction, Endpoint


def test_an_ipv4_endpoint_is_address_colon_port() -> None:
    assert str(Endpoint("10.0.0.1", 104)) == "10.0.0.1:104"


def test_an_ipv6_endpoint_has_its_address_in_brackets() -> None:
    assert str(Endpoint("2001:db8::1", 11112)) == "[2001:db8::1]:11112"


def test_each_direction_is_the_opposite_of_its_opposite() -> None:
    for direction in Direction:
        assert direction.opposite is not direction
        assert direction.opposite.opposite is direction
