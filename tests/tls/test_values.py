"""What follows from the parts of a handshake: when it was over, and whether its certificates come in order."""

from dataclasses import replace

from dicomsniff.tls.values import Certificate, Chain, Handshake
from tests.forge.reading import traffic_of
from tests.tls.handshaking import Setup, Version, talk

CA, HOST, OTHER = Certificate("CN=ca", "CN=ca"), Certificate("CN=host", "CN=ca"), Certificate("CN=x", "CN=y")


def read(setup: Setup) -> Handshake:
    [conversation] = traffic_of(talk(setup).frames()).conversations
    assert conversation.tls is not None
    return conversation.tls


def test_certificates_are_in_order_where_each_was_issued_by_the_next() -> None:
    assert Chain(1, (HOST, CA)).in_order and Chain(1, (HOST,)).in_order and Chain(1, ()).in_order
    assert Chain(1, (CA, HOST)).in_order is False and Chain(1, (HOST, OTHER)).in_order is False
    assert Chain(1, (HOST, Certificate())).in_order is None


def test_a_handshake_lasts_until_both_sides_have_finished() -> None:
    for version in (Version.TLSv1_2, Version.TLSv1_3):
        handshake = read(Setup(version=version))
        assert handshake.finish is not None and handshake.client is not None
        assert handshake.duration_ns is not None
        assert 0 < handshake.finish.time_ns - handshake.client.time_ns <= handshake.duration_ns < 1_000_000_000


def test_a_handshake_that_failed_has_no_duration() -> None:
    for setup in (Setup(trusted="other"), Setup(version=Version.TLSv1_1, server_version=Version.TLSv1_2)):
        assert read(setup).duration_ns is None
    assert Handshake().duration_ns is None and Handshake().finish is None
    assert replace(Handshake(), resumed=True).duration_ns is None
