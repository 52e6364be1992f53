"""The name of one of pydicom's tables in, its module out, without importing pydicom around it.

The package takes a tenth of a second and more, which every report would pay.
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType


@cache
def table(name: str) -> ModuleType:
    """The module `pydicom.<name>` read alone; through the package where its file is not where it should be."""
    package = find_spec("pydicom")
    folders = (package.submodule_search_locations or ()) if package else ()
    for folder in folders:
        path = Path(folder, f"{name}.py")
        spec = spec_from_file_location(f"dicomsniff_{name.strip('_')}", path) if path.is_file() else None
        if spec is not None and spec.loader is not None:
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    return import_module(f"pydicom.{name}")
