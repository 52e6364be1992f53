"""The door to cryptography: what to do where it is not installed."""

import subprocess
import sys


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_without_the_package_one_line_says_what_to_install() -> None:
    code = """
import sys
sys.modules["cryptography"] = None
from dicomsniff.tls.keylog import KeyFileError
try:
    import dicomsniff.tls.library
except KeyFileError as error:
    print(error)
"""
    assert "pip install 'dicomsniff[tls]'" in run(code)


def test_nothing_is_imported_of_it_where_no_keys_are_given() -> None:
    assert run("import sys, dicomsniff.api; print('cryptography' in sys.modules)").strip() == "False"
