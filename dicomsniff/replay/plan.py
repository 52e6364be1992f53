"""Associations in, a shell script out that would replay what their requestors said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dicomsniff.association.values import Association, Traffic
from dicomsniff.export.files import Files
from dicomsniff.replay.data_files import DataFiles
from dicomsniff.replay.dcmtk import UnsayableError, dcmtk_lines, own_requests
from dicomsniff.replay.peculiarities import peculiarities
from dicomsniff.replay.script import script_lines
from dicomsniff.report.redaction import Redaction
from dicomsniff.report.wording import clean


def replay_lines(
    traffic: Traffic,
    associations: Sequence[Association],
    files: DataFiles,
    redaction: Redaction,
    host: str,
    port: int,
    callbacks: bool = False,
) -> Iterator[str]:
    """Lines for a shell that stands in the directory of the files. Nothing is sent until somebody runs them. Associations
    that deliver for a C-MOVE are the archive's part: they are replayed only with `callbacks`."""
    served = _served(traffic)
    yield "#!/bin/sh"
    yield "# Replays what the requestors said against a test server; printed by dicomsniff, which never connects."
    yield f"HOST=${{HOST:-{host}}} PORT=${{PORT:-{port}}}"
    if any(_has_identity(a) for a in associations):
        yield "USERNAME=${USERNAME:-user} PASSWORD=${PASSWORD:-password}  # secrets are not kept: set your own"
    for association in associations:
        yield ""
        titles = clean(f"{association.calling_ae or '?'} → {association.called_ae or '?'}")
        answers = ", ".join(_answer(e.service, e.status) for e in own_requests(association)[:8])
        yield f"# Association {association.id}: {titles}" + (f"; answered {answers}" if answers else "")
        if association.id in served and not callbacks:
            move = served[association.id]
            yield f"# (it delivered for the C-MOVE of association {move}, which brings it about again)"
            continue
        if association.request is None:
            yield "# (its request was not captured: what it proposed is concluded from its messages)"
        if unsaid := list(peculiarities(association)):
            yield f"# (not repeated, and it may matter: {'; '.join(unsaid)})"
        yield from _one(traffic, association, files, redaction)


def _one(traffic: Traffic, association: Association, files: DataFiles, redaction: Redaction) -> Iterator[str]:
    if not own_requests(association) and not association.contexts:
        yield (
            "# nothing is known of what it proposed"
            if association.request is None
            else "# there is nothing to say again"
        )
        return
    try:
        yield from dcmtk_lines(association, traffic, files, redaction)
    except UnsayableError as why:
        name = f"replay_{association.id}.py"
        yield f"# DCMTK cannot say it ({why}); with pynetdicom:"
        lines = list(script_lines(association, files, redaction, name))
        if files.directory is None:
            yield 'python3 - "$HOST" "$PORT" <<\'END_OF_SCRIPT\''
            yield from (clean(line) for line in lines)
            yield "END_OF_SCRIPT"
        else:
            files.directory.mkdir(parents=True, exist_ok=True)
            with Files(files.directory) as made:
                made.write(name, iter((("\n".join(lines) + "\n").encode(),)))
            yield f'python3 {name} "$HOST" "$PORT"'


def _served(traffic: Traffic) -> dict[int, int]:
    """The associations that delivered for a C-MOVE, each with that of the C-MOVE."""
    return {
        delivery.association: retrieval.association
        for retrieval in traffic.retrievals
        for delivery in retrieval.deliveries
        if delivery.association is not None and delivery.association != retrieval.association
    }


def _has_identity(association: Association) -> bool:
    return association.request is not None and association.request.user_information.user_identity is not None


def _answer(service: str, status: int | None) -> str:
    return f"{service} {'nothing' if status is None else f'0x{status:04X}'}"
