"""`python -m dicomsniff` and the console script."""

import gc
import os
import sys


def main() -> None:
    """Run the command line; the process ends with its exit code.

    It ends at once: taking apart half a million facts, one by one, before the process goes is time the user waits for.
    Nor are they searched for cycles, of which facts hold none, nor are the modules while they are imported; and
    numpy starts no threads for linear algebra, which nothing here does.
    """
    gc.disable()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from dicomsniff.cli import run

    code = run(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
