"""Tables of pydicom are read without the package."""

import subprocess
import sys

from dicomsniff.dimse.pydicom_table import table


def test_a_table_does_not_bring_the_package() -> None:
    code = "import sys; from dicomsniff.dimse.dictionary import registered as r; assert r(0x100010); print('pydicom' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_table_that_is_not_there_alone_comes_through_the_package() -> None:
    assert table("uid").UID("1.2.3").is_valid
