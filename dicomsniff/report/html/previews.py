"""The objects of a report in, small pictures of the first of them out, where that is asked for: a picture may show a patient."""

import base64
from collections.abc import Sequence
from time import monotonic

from markupsafe import Markup

from dicomsniff.association.values import Exchange
from dicomsniff.core.records import dataclass
from dicomsniff.dimse.preview import LARGEST, Painter, Picture
from dicomsniff.report.wording import size

PICTURES = 60
BYTES = 400_000
"""Of all pictures of a page, each a third more as it is written."""
SECONDS = 60.0
"""For all pictures of a page."""


@dataclass(frozen=True, slots=True)
class Preview:
    """`source` is a data: URI, None where there is no picture; `caption` says then why."""

    source: Markup | None
    width: int
    height: int
    caption: str
    tiny: bool = False  # drawn with more pixels than it has


def previews(stores: Sequence[Exchange], seconds: float = SECONDS) -> dict[int, Preview]:
    """By the number of the exchange, those of the first objects."""
    made: dict[int, Preview] = {}
    room, until = BYTES, monotonic() + seconds
    with Painter() as painter:
        for exchange in stores[:PICTURES]:
            if room <= 0 or monotonic() > until:
                break
            preview, taken = _preview(exchange, painter)
            made[exchange.id] = preview
            room -= taken
    return made


def _preview(exchange: Exchange, painter: Painter) -> tuple[Preview, int]:
    picture = _picture(exchange, painter)
    if isinstance(picture, str):
        return Preview(None, 0, 0, f"no preview: {picture}"), 0
    longest = max(picture.rows, picture.columns)
    width, height = (max(1, min(128, round(128 * side / longest))) for side in (picture.columns, picture.rows))
    frames = f", the first of {picture.frames:,} frames" if picture.frames > 1 else ""
    source = Markup(
        f"data:image/jpeg;base64,{base64.b64encode(picture.jpeg).decode()}"
    )  # longer than a text of the wire may be
    caption = f"{picture.columns:,} × {picture.rows:,}{frames}"
    return Preview(source, width, height, caption, longest < 128), len(picture.jpeg)


def _picture(exchange: Exchange, painter: Painter) -> Picture | str:
    payload = exchange.payload
    if payload is None:
        return "it has no data set"
    if payload.missing_bytes:
        return f"{size(payload.missing_bytes)} of it were not captured"
    if not (payload.complete and exchange.request_complete):
        return "it was not seen to its end"
    if payload.length > LARGEST:
        return f"larger than {LARGEST >> 20} MiB"
    if not exchange.transfer_syntax:
        return "its transfer syntax is not known"
    try:
        data = b"".join(payload.pieces())
    except (LookupError, ValueError):
        return "its bytes were not kept"
    return painter.paint(data, exchange.transfer_syntax)
