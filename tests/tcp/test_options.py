"""SYN options as hosts send them, cut and broken ones."""

from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.tcp.options import SynOptions, read_syn_options

LINUX = bytes.fromhex("020405b40402080a1122334400000000010303 07")


def test_the_options_of_a_linux_host_are_read() -> None:
    assert read_syn_options(LINUX) == SynOptions(1460, 7, True, True)


def test_the_options_of_a_windows_host_are_read() -> None:
    assert read_syn_options(bytes.fromhex("020405b40103030801010402")) == SynOptions(1460, 8, True, False)


def test_what_is_not_announced_is_none() -> None:
    assert read_syn_options(b"") == SynOptions()
    assert read_syn_options(bytes.fromhex("0101010000020405")) == SynOptions()


def test_a_shift_beyond_the_largest_counts_as_the_largest() -> None:
    assert read_syn_options(bytes.fromhex("03031f00")).window_scale == 14


def test_reading_stops_at_a_broken_option_and_keeps_what_came_before() -> None:
    assert read_syn_options(bytes.fromhex("020405b40300ffff")).mss == 1460
    assert read_syn_options(bytes.fromhex("020405b4080affff")) == SynOptions(1460)
    assert read_syn_options(bytes.fromhex("0204")).mss is None


@given(st.binary(max_size=40))
def test_no_bytes_raise(options: bytes) -> None:
    found = read_syn_options(options, whole=False)
    assert not found.whole
    assert found.mss is None or 0 <= found.mss <= 0xFFFF


def test_a_connection_that_joins_another_says_so() -> None:
    assert read_syn_options(bytes.fromhex("020405b4 1e0c1001 0102030405060708")).joins
    assert not read_syn_options(bytes.fromhex("020405b4 1e0c0181 0102030405060708")).joins
    assert not read_syn_options(bytes.fromhex("1e02")).joins
