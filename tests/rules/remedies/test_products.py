"""Which product names itself so."""

import pytest

from dicomsniff.rules.remedies.products import PRODUCTS, product_of


@pytest.mark.parametrize(
    ("class_uid", "version", "name"),
    [
        ("1.2.276.0.7230010.3.0.3.6.7", "OFFIS_DCMTK_367", "DCMTK"),
        ("1.2.40.0.13.1.3", "dcm4che-5.23.2", "dcm4che"),
        ("1.2.826.0.1.3680043.9.3811.3.0.4", "PYNETDICOM_304", "pynetdicom"),
        ("1.2.826.0.1.3680043.2.135.1066.101", "1.5.0/WIN32", "Conquest"),
        ("1.2.826.0.1.3680043.10.854", "DCMJS-DIMSE-V0.2", "dcmjs-dimse"),
        (None, "fo-dicom 4.0.8", "fo-dicom"),
        ("1.2.826.0.1.3680043.2.1143.107.104.103.115.3.0.21", "GDCM 3.0.21", "GDCM"),
        ("1.2.826.0.1.3680043.9.55600.0", "Odil 0", "Odil"),
        ("1.2.276.0.7230010.3.0.3.5.4", None, "DCMTK"),
        ("1.2.840.113654.2.3.1995.3.0.6", "MIRCTN11MAR2003", "CTN"),
        ("2.25.137038125948464847900039011591283709926", "DICOM-rs 0.3", "DICOM-rs"),
        ("1.3.6.1.4.1.25403.1.1.1", "Dicom 0.1", "ClearCanvas"),
    ],
)
def test_a_product_is_known_by_what_it_says_of_itself(class_uid: str | None, version: str | None, name: str) -> None:
    product = product_of(class_uid, version)
    assert product is not None
    assert product.name == name


def test_the_version_name_decides_over_a_class_uid_of_the_vendor() -> None:
    product = product_of("1.2.840.113619.6.55", "MergeCOM3_390")
    assert product is not None
    assert product.name == "MergeCOM-3"


@pytest.mark.parametrize("class_uid", ["1.2.3.4", None, "", "1.2.826.0.1.3680043.9.38110", "1.2.40.0.13.11"])
def test_who_is_in_no_row_is_unknown(class_uid: str | None) -> None:
    assert product_of(class_uid, "MODALITY_1") is None


def test_every_row_says_where_it_is_from() -> None:
    assert all(product.source and product.class_uid for product in PRODUCTS)
