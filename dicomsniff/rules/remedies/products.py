"""An implementation's class UID and version name in (PS3.7 §D.3.3.2), the product or toolkit that uses them out.

A device often keeps the names of the toolkit inside it; what is told here is then the toolkit, which is where the
behaviour on the wire comes from. An implementation that is in no row is unknown, not guessed.
"""

from __future__ import annotations

from dicomsniff.core.tuples import NamedTuple


class Product(NamedTuple):
    """`class_uid` is the root of its implementation class UIDs, `version` how its version names begin ("" where they
    tell nothing); `source` says how that is known. `kin` are products built on it that call themselves the same."""

    name: str
    class_uid: str
    version: str
    source: str
    kin: tuple[str, ...] = ()


PRODUCTS = (
    Product("DCMTK", "1.2.276.0.7230010.3.0.3", "OFFIS_DCMTK_", "DCMTK 3.6.7 on the wire; dcuid.h", ("Orthanc",)),
    Product("dcm4che", "1.2.40.0.13.1", "dcm4che-", "org.dcm4che3.data.Implementation; dcm4che 5.23.2 on the wire"),
    Product("pynetdicom", "1.2.826.0.1.3680043.9.3811", "PYNETDICOM_", "pynetdicom 3.0.4 on the wire; _globals.py"),
    Product("Conquest", "1.2.826.0.1.3680043.2.135.1066.101", "", "Conquest 1.5.0 in a debug log of DCMTK"),
    Product("fo-dicom", "1.3.6.1.4.1.30071.8", "fo-dicom ", "FO-DICOM.Core/DicomImplementation.cs"),
    Product("dcmjs-dimse", "1.2.826.0.1.3680043.10.854", "DCMJS-DIMSE-V", "dcmjs-dimse 0.3.3 on the wire"),
    Product("GDCM", "1.2.826.0.1.3680043.2.1143", "GDCM ", "GDCM 3.0.21 on the wire"),
    Product("Odil", "1.2.826.0.1.3680043.9.55600", "Odil ", "Odil 0.12.2 on the wire"),
    Product("CTN", "1.2.840.113654.2.3.1995", "MIRCTN", "CTN 3.2.0 on the wire"),
    Product("DICOM-rs", "2.25.262086406829110419931297894772577063974", "DICOM-rs ", "object/src/lib.rs"),
    Product("ClearCanvas", "1.3.6.1.4.1.25403.1.1.1", "", "DicomImplementation.cs"),
    Product("MergeCOM-3", "2.16.840.1.113669.2.1.1", "MergeCOM3_", "file meta information written by the toolkit"),
    Product("LEADTOOLS", "1.2.840.114257.1123456", "LEADTOOLS", "StoreAddin.cs of the toolkit's samples"),
    Product("go-netdicom", "1.2.826.0.1.3680043.10.786", "GONETDICOM_", "uid.go"),
)


def product_of(class_uid: str | None, version: str | None) -> Product | None:
    """The product that names itself so. The version name decides before the class UID: devices that put a UID of their
    own over a toolkit mostly leave its version name as it is."""
    for product in PRODUCTS:
        if version and product.version and version.casefold().startswith(product.version.casefold()):
            return product
    for product in PRODUCTS:
        if class_uid and f"{class_uid}.".startswith(f"{product.class_uid}."):
            return product
    return None
