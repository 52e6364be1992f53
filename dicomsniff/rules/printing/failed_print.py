"""A film was not printed, or not as it was meant.

What it sees
A failure or warning status of a print service (film session, film box, image box, annotation, presentation LUT, printer); a
film box whose response hands out no image box; an image sent to an image box that was not handed out; images that were set
while nobody asked to print them; and a printer or print job that reports WARNING or FAILURE. Where the film was printed
and only the clean-up failed, that is said.

Why it matters
The film is missing, empty, or shows the image smaller, cropped or with fewer pixels than the reader believes.

Likely causes
1. Attributes that the printer does not support (0106, 0116).
2. An empty page: images were not attached before the print request (B602, B603).
3. The queue or the memory of the printer is full (C601, C602, C605).
4. The image is larger than its place on the film (C603, C613).
5. The printer's software answers without image boxes.

Fix
By the status: leave the refused attributes out, wait for the queue, choose a film format that has room for the image. Look
into the printer's log at the time of the response.

Could be wrong when
0107 and 0116 are warnings: the film was printed. A user may give a film up before it is printed.

Reference
PS3.4 §H.4
PS3.7 §10.1
https://github.com/fo-dicom/fo-dicom/issues/1213
https://github.com/fo-dicom/fo-dicom/issues/852
https://github.com/fo-dicom/fo-dicom-samples/issues/84
"""

from collections.abc import Iterator, Sequence

from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.core.records import replace
from dicomsniff.rules.dimse.claims import finds_fault_with_request
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side, packets_of
from dicomsniff.rules.leaving import departures, leaving, still_open
from dicomsniff.rules.naming import brief, counted, details, how_often, peer, performer, side, status_words
from dicomsniff.rules.printing.jobs import IMAGE_BOXES, PrintJob, Report, print_jobs, reports
from dicomsniff.rules.rule import Rule, Thresholds

_CLEAN_UP = "Nothing has to be printed again. Look into the printer's log why it did not delete the film session."
_DIMINISHED = frozenset({0xB604, 0xB609, 0xB60A})


def check(job: PrintJob, traffic: Traffic, thresholds: Thresholds) -> list[Hit] | Inconclusive:
    hits = [*_statuses(job), *_boxes(job), *(_report(job, report) for report in reports(job))]
    unprinted = bool(job.filled) and not any(e.service == "N-ACTION" for e in job.exchanges)
    if unprinted and not any(hit.severity is Severity.ERROR for hit in hits):
        blind = any(job.association.blind_towards(d) for d in type(job.association.to_acceptor))
        if not blind and not still_open(job.association):
            hits.append(_never_printed(job, traffic))
        elif not hits:
            return Inconclusive("the request to print may lie in a stretch that was not captured")
    return hits


def _statuses(job: PrintJob) -> Iterator[Hit]:
    """Failures and warnings, equal ones joined."""
    groups: dict[tuple[str, str | None, int], list[Exchange]] = {}
    for exchange in job.exchanges:
        if exchange.final and exchange.status and exchange.status_class in ("failure", "warning"):
            groups.setdefault((exchange.service, exchange.sop_class, exchange.status), []).append(exchange)
    for exchanges in groups.values():
        yield _status(job, exchanges)


def _status(job: PrintJob, exchanges: list[Exchange]) -> Hit:
    first = exchanges[0]
    role, said = performer(first), details(first)
    failed = first.status_class == "failure"
    printed = first.service == "N-DELETE" and failed and _printed_before(job, first)
    step = f"{first.service} ({brief(first.sop_class)})"
    how = "failed" if failed else "was answered with a warning"
    what = f"the film was printed, only the clean-up failed: {step}" if printed else f"{step} {how}"
    more = f" ({how_often(len(exchanges))})" if len(exchanges) > 1 else ""
    message = (
        f"Print job to {peer(job.association, role)}: {what}: {status_words(first)}{': ' + said if said else ''}{more}."
    )
    if first.status in _DIMINISHED:
        message += " The film does not show the image in its full size or resolution."
    severity = Severity.ERROR if failed else Severity.WARNING
    facts: dict[str, object] = {"status": f"0x{first.status:04X}", "status_text": first.status_text, "printed": printed}
    hit = _hit(job, exchanges, message, severity, role, facts)
    if finds_fault_with_request(first.status) and first.service != "N-DELETE":
        hit = replace(hit, act=Side.UNKNOWN, actor=None)
    return replace(hit, fix=_CLEAN_UP) if printed else hit


def _printed_before(job: PrintJob, exchange: Exchange) -> bool:
    return any(
        e.service == "N-ACTION" and e.status_class in ("success", "warning") and e.id < exchange.id
        for e in job.exchanges
    )


def _boxes(job: PrintJob) -> Iterator[Hit]:
    server = peer(job.association, "acceptor")
    wanted = job.of("N-SET", *IMAGE_BOXES) or not job.printed  # a film without images may be printed as it is
    if wanted and (boxless := job.boxless) and not job.association.blind:
        message = f"Print job to {server}: the film box was created, but the response hands out no image boxes for the images."
        severity = Severity.WARNING if job.printed else Severity.ERROR
        yield _hit(job, boxless, message, severity, "acceptor", {})
    if strangers := job.strangers():
        uid = strangers[0].sop_instance
        message = (
            f"Print job to {server}: an image was sent to the image box {uid}, which the printer had not handed out."
        )
        failed = any(e.status_class == "failure" for e in strangers)
        yield _hit(job, strangers, message, Severity.ERROR if failed else Severity.WARNING, "requestor", {})


def _report(job: PrintJob, report: Report) -> Hit:
    role = "acceptor"
    why = f": {report.why}" if report.why else ""
    message = (
        f"{peer(job.association, role)} reports {report.status} of the {report.what}{why} ({report.exchange.service})."
    )
    severity = Severity.ERROR if report.status == "FAILURE" else Severity.WARNING
    return _hit(job, [report.exchange], message, severity, role, {"reported": report.status, "info": report.why})


def _never_printed(job: PrintJob, traffic: Traffic) -> Hit:
    filled = job.filled
    message = (
        f"Print job to {peer(job.association, 'acceptor')}: {counted(len(filled), 'image')} sent, but nobody asked to print them "
        f"(no N-ACTION) before {leaving(job.association, traffic)}."
    )
    return _hit(job, filled, message, Severity.WARNING, "requestor", {"images": len(filled)})


def _hit(
    job: PrintJob, exchanges: Sequence[Exchange], message: str, severity: Severity, role: str, facts: dict[str, object]
) -> Hit:
    first, association = exchanges[0], job.association
    seen = first.request or first.final
    proof = (part for e in exchanges[:3] for part in (e.request, e.final))
    return Hit(
        message,
        packets_of(*proof, *(departures(association) if "images" in facts else ())),
        seen.first_ns if seen else None,
        severity,
        connection=association.connection,
        association=association.id,
        exchange=first.id,
        act=side(role),
        actor=peer(association, role),
        key=f"{association.acceptor}|{message}",
        facts={
            "step": first.service,
            "sop_class": first.sop_class,
            "count": len(exchanges),
            "error_comment": first.error_comment,
            "offending_elements": [f"{tag:08X}" for tag in first.offending_elements],
            "attribute_identifiers": [f"{tag:08X}" for tag in first.attribute_identifiers],
            "called_ae": association.called_ae,
            "host": association.acceptor.ip,
            "port": association.acceptor.port,
        }
        | facts,
    )


RULE = Rule(
    id="DS-PRN-001",
    name="print-failed-or-degraded",
    severity=Severity.ERROR,
    title="Print job failed or degraded",
    subjects=print_jobs,
    check=check,
    page=__doc__,
    absence=True,
    hides=("DS-DIMSE-009",),
)
