"""Numbers in words, also those that nobody knows."""

from dicomsniff.tls.names import alert_name, is_grease, suite_name, version_name, weakness


def test_names_and_numbers_without_one() -> None:
    assert (version_name(0x0303), version_name(0x7F1C)) == ("TLS 1.2", "version 0x7F1C")
    assert (alert_name(48), alert_name(201), alert_name(None)) == (
        "unknown_ca (48)",
        "alert (201)",
        "an encrypted alert",
    )
    assert (suite_name(0x1302), suite_name(0xFEED)) == ("TLS_AES_256_GCM_SHA384", "0xFEED")


def test_weak_suites_are_told_by_their_weakness() -> None:
    weak = {0x0005: "RC4", 0x000A: "3DES", 0x0002: "no encryption", 0x0034: "no authentication of the server"}
    assert {suite: weakness(suite) for suite in weak} == weak
    assert weakness(0x0003) == "an export cipher"
    assert [weakness(suite) for suite in (0x1302, 0xC02F, 0x009C, 0xFEED)] == [None] * 4


def test_numbers_that_say_nothing_are_known() -> None:
    assert is_grease(0x0A0A) and is_grease(0xFAFA) and not is_grease(0x1301)
