"""The dictionary read without the package agrees with the package."""

from pydicom.datadict import get_entry

from dicomsniff.dimse.dictionary import registered
from dicomsniff.dimse.pydicom_table import table


def test_every_element_of_the_standard_is_as_pydicom_has_it() -> None:
    for tag in (*list(table("_dicom_dict").DicomDictionary)[::7], 0x60003000, 0x60FE3000, 0x50040010, 0x00203100):
        entry = get_entry(tag)
        assert registered(tag) == (entry[0], entry[4])


def test_what_is_not_in_the_standard_is_not_known() -> None:
    assert registered(0x00091001) is None and registered(0x0008FFFE) is None
