"""Data sets on standard input in, small pictures on standard output out: the process that may die of what it decodes.

A line of JSON (`syntax`, `length`) and so many bytes are asked, a line of JSON (`length`, `rows`, `columns`, `frames`, or
`reason`) and so many bytes of JPEG are answered, until the input ends.
"""

from __future__ import annotations

import io
import json
import sys
from typing import IO, Any

SIDE = 128
_PIXELS = 40_000_000  # of one frame; a mammogram has 28
_QUALITY = 70
_MEMORY = 3 << 30  # address space, of which the libraries take one


class _NoPictureError(Exception):
    """Why there is none, in words for a reader; nothing of the data set is quoted."""


def main(asked: IO[bytes], answers: IO[bytes]) -> None:
    _bound()
    while line := asked.readline():
        head = json.loads(line)
        data = asked.read(head["length"])
        try:
            told, jpeg = paint(data, head["syntax"])
        except _NoPictureError as why:
            told, jpeg = {"reason": str(why)}, b""
        except Exception as error:  # whatever a library raises about what a peer sent
            told, jpeg = {"reason": f"cannot be decoded ({type(error).__name__})"}, b""
        answers.write(json.dumps(told).encode() + b"\n" + jpeg)
        answers.flush()


def _bound() -> None:
    """Where the system can, no more memory than a picture needs."""
    try:
        import resource
    except ImportError:  # Windows: the time limit alone bounds it
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def paint(data: bytes, syntax: str) -> tuple[dict[str, Any], bytes]:
    """What is told of the picture, and the picture. Raises _NoPictureError."""
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.pixels.utils import pixel_array
    from pydicom.uid import UID

    uid = UID(syntax)
    if not uid.is_transfer_syntax or uid.is_deflated:
        raise _NoPictureError("not in this transfer syntax")
    ds = _data_set(data, uid)
    if not any(name in ds for name in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
        raise _NoPictureError("it holds no pixel data")
    rows, columns = int(ds.get("Rows") or 0), int(ds.get("Columns") or 0)
    if not 0 < rows * columns <= _PIXELS:
        raise _NoPictureError(f"{rows} × {columns} pixels")
    if uid.is_encapsulated and not get_decoder(uid).is_available:
        raise _NoPictureError(f"no decoder for {uid.name} is installed")
    pixels = pixel_array(ds, index=0)
    step = max(1, max(rows, columns) // (4 * SIDE))  # less to compute with; the rest is smoothed away
    shown = _grey(pixels[::step, ::step], ds) if pixels.ndim == 2 else _colour(pixels[::step, ::step])
    jpeg = _jpeg(shown)
    told = {"length": len(jpeg), "rows": rows, "columns": columns, "frames": max(1, int(ds.get("NumberOfFrames") or 1))}
    return told, jpeg


def _data_set(data: bytes, syntax: Any) -> Any:
    from pydicom.dataset import FileMetaDataset
    from pydicom.filereader import read_dataset

    ds = read_dataset(io.BytesIO(data), syntax.is_implicit_VR, syntax.is_little_endian)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.set_original_encoding(syntax.is_implicit_VR, syntax.is_little_endian)
    return ds


def _grey(pixels: Any, ds: Any) -> Any:
    """Through the window that the object names, else from its darkest to its brightest but for a hundredth."""
    import numpy as np
    from pydicom.pixels.processing import apply_color_lut, apply_rescale

    if ds.get("PhotometricInterpretation") == "PALETTE COLOR":
        coloured = apply_color_lut(pixels, ds)
        return (coloured >> 8 if coloured.dtype.itemsize > 1 else coloured).astype(np.uint8)
    values = apply_rescale(pixels, ds).astype(np.float32)
    low, high = _window(ds) or (float(part) for part in np.percentile(values, (1, 99)))
    shown = np.clip((values - low) / max(high - low, 1e-6), 0, 1) * 255
    return (255 - shown if ds.get("PhotometricInterpretation") == "MONOCHROME1" else shown).astype(np.uint8)


def _window(ds: Any) -> tuple[float, float] | None:
    centre, width = (_first(ds.get(name)) for name in ("WindowCenter", "WindowWidth"))
    return None if centre is None or not width else (centre - width / 2, centre + width / 2)


def _first(value: Any) -> float | None:
    if value is None or value == "":
        return None
    return float(value[0] if hasattr(value, "__len__") and not isinstance(value, str) else value)


def _colour(pixels: Any) -> Any:
    import numpy as np

    return (pixels >> 8 if pixels.dtype.itemsize > 1 else pixels).astype(np.uint8)


def _jpeg(pixels: Any) -> bytes:
    from PIL import Image

    image = Image.fromarray(pixels)
    image.thumbnail((SIDE, SIDE))
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=_QUALITY, optimize=True)
    return stream.getvalue()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
