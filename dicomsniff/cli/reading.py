"""What the options of `reading` say in, the captures read out, without judging them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dicomsniff.cli.options import Asked
from dicomsniff.cli.terminal import progress_bar

if TYPE_CHECKING:
    from dicomsniff.api import Analysis


def read(
    wish: Asked, transcribe: Literal["", "messages", "pdus"] = "", rules: bool = False, keep: bool = False
) -> Analysis:
    """The facts of the captures, with transcripts where wanted; judged by the rules' own defaults with `rules`; whole data
    sets are kept with `keep`."""
    from dicomsniff.api import analyze
    from dicomsniff.cli.traffic import logged_keys
    from dicomsniff.core.cores import cores

    with progress_bar(wish.captures, wish.progress) as advance:
        return analyze(
            *wish.captures,
            ports=wish.ports,
            merge_views=wish.merge_views,
            rules=rules,
            transcribe=transcribe,
            keep_payloads=keep,
            jobs=wish.jobs or cores(),
            scheduler=wish.scheduler,
            progress=advance,
            keylog=wish.keylog or logged_keys(),
            tls_keys=wish.tls_keys,
        )
