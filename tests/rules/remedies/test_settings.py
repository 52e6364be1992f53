"""The words of one setting."""

import pytest

from dicomsniff.rules.catalogue import RULES
from dicomsniff.rules.remedies.products import PRODUCTS
from dicomsniff.rules.remedies.settings import _TEXTS, REMEDIES, Remedy, words

VALUES = {
    "transfer_syntaxes": "1.2.840.10008.1.2.4.70",
    "sop_classes": "1.2.840.10008.5.1.4.1.1.2",
    "called_ae": "PACS",
    "accepted_ae": "ARCHIVE",
    "called_host": "10.0.0.2",
    "called_port": "104",
    "calling_ae": "CT01",
    "destination": "WS1",
    "host": "10.0.0.3",
    "port": "11112",
}


@pytest.mark.parametrize(("product", "remedy"), _TEXTS)
def test_every_setting_can_be_written(product: str, remedy: Remedy) -> None:
    text = words(product, remedy, VALUES)
    assert text
    assert "{" not in text.replace("{ ", "").replace(" }", "")
    assert product in {name for known in PRODUCTS for name in (known.name, *known.kin)}


def test_an_unknown_address_is_left_to_the_reader() -> None:
    assert words("Conquest", Remedy.KNOWN_HOST, {"destination": "WS1"}) == "acrnema.map: a row WS1 HOST PORT un"


def test_without_the_title_nothing_is_said() -> None:
    assert words("Conquest", Remedy.KNOWN_HOST, {"host": "10.0.0.3"}) is None


def test_a_product_without_such_a_setting_has_none() -> None:
    assert words("dcmjs-dimse", Remedy.SOP_CLASS, VALUES) is None


def test_every_remedy_belongs_to_a_rule_that_exists_or_is_yet_to_be_written() -> None:
    ids = {rule.id.rpartition("-")[0] for rule in RULES} | {"DS-SC"}
    assert {rule.rpartition("-")[0] for rule, _ in REMEDIES} <= ids
