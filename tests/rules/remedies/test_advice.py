"""Settings on findings, where the side that must act named its product."""

from dataclasses import replace

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Finding, Severity, Side
from dicomsniff.rules.remedies.advice import with_settings
from tests.captures import real
from tests.forge.traffic import CT, JPEG_LOSSLESS, TrafficForge


def finding(rule: str = "DS-PC-003", **fields: object) -> Finding:
    made = Finding(rule, "x", Severity.ERROR, "X", "x", 1, 1, None, (), None, "", Side.ACCEPTOR, None, (), "", (), {})
    return replace(made, **({"facts": {"transfer_syntaxes": [JPEG_LOSSLESS]}} | fields))  # type: ignore[arg-type]


def traffic(version: str) -> Traffic:
    forge = TrafficForge()
    forge.association(contexts=[(CT, [JPEG_LOSSLESS], 4)])
    made = forge.traffic()
    [association] = made.associations
    assert association.accept is not None
    said = replace(
        association.accept.user_information, implementation_class_uid="1.9.9", implementation_version=version
    )
    return replace(
        made, associations=(replace(association, accept=replace(association.accept, user_information=said)),)
    )


def test_the_setting_is_that_of_the_product_that_must_change() -> None:
    [told] = with_settings([finding()], traffic("PYNETDICOM_304"))
    [setting] = told.settings
    assert setting.product == "pynetdicom"
    assert JPEG_LOSSLESS in setting.text


def test_what_is_built_on_a_toolkit_and_names_itself_alike_is_named_too() -> None:
    [told] = with_settings([finding()], traffic("OFFIS_DCMTK_367"))
    assert [setting.product for setting in told.settings] == ["DCMTK", "Orthanc"]


@pytest.mark.parametrize(
    "other",
    [
        finding(severity=Severity.INFO),
        finding(act=Side.UNKNOWN),
        finding(association=None),
        finding(rule="DS-TCP-001"),
    ],
)
def test_nothing_is_advised_where_no_setting_of_a_known_side_mends_it(other: Finding) -> None:
    assert with_settings([other], traffic("PYNETDICOM_304")) == (other,)


def test_an_unknown_product_gets_no_advice() -> None:
    assert with_settings([finding()], traffic("SOMETHING_1")) == (finding(),)


def test_consequences_carry_their_settings_too() -> None:
    root = finding(rule="DS-PC-001", children=(finding(),))
    [told] = with_settings([root], traffic("PYNETDICOM_304"))
    assert told.settings == ()
    assert told.children[0].settings


@real.here
def test_the_sender_is_told_how_to_call_the_title_that_was_accepted() -> None:
    first, *_ = [f for f in real.analysis("reject_called_ae").findings if f.rule == "DS-ASSOC-001"]
    assert ("DCMTK", "-aec ACME_STORE") in [(s.product, s.text.partition(": ")[2]) for s in first.settings]


@real.here
def test_the_archive_is_told_to_accept_jpeg_lossless() -> None:
    settings = [
        s.text for f in real.analysis("jpeg_not_accepted").findings for s in f.settings if f.rule == "DS-PC-003"
    ]
    assert settings
    assert all("1.2.840.10008.1.2.4.70" in text for text in settings)
