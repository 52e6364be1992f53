"""One fault is told once: the samples' findings with what follows from them."""

import dicomsniff
from dicomsniff.rules.finding import Finding
from docs.rule_pages import SAMPLES


def roots(sample: str) -> list[Finding]:
    return list(dicomsniff.analyze(SAMPLES / f"{sample}.pcap").findings)


def below(sample: str, rule: str) -> set[str]:
    """What follows directly from all findings of this rule in a sample."""
    return {child.rule for finding in roots(sample) if finding.rule == rule for child in finding.children}


def test_a_misspelt_title_is_told_with_its_rejection() -> None:
    assert below("ae_titles", "DS-ASSOC-001") == {"DS-ASSOC-012"}
    assert below("retrieves", "DS-RET-001") == {"DS-ASSOC-012"}
    assert "DS-ASSOC-012" not in {finding.rule for finding in roots("ae_titles")}


def test_a_rejection_of_a_title_with_illegal_bytes_blames_the_bytes() -> None:
    [malformed] = [finding for finding in roots("ae_titles") if finding.rule == "DS-ASSOC-011"]
    [rejection] = malformed.children
    assert "here its 16 bytes are not legal (NUL padded)" in rejection.message and rejection.act == "requestor"


def test_what_a_wrong_pdu_provoked_follows_from_it() -> None:
    assert below("negotiation_flaws", "DS-ASSOC-015") == {"DS-TCP-005"}
    assert below("negotiation_flaws", "DS-ASSOC-016") == {"DS-ASSOC-009"}
    assert below("careless_endings", "DS-ASSOC-014") == {"DS-DIMSE-001", "DS-STORE-006"}
    assert below("refused_contexts", "DS-PC-007") == {"DS-ASSOC-009", "DS-PC-002"}


def test_a_scan_is_one_finding_and_a_hostile_uid_another() -> None:
    assert below("security", "DS-SEC-004") == {"DS-TCP-001"} and below("security", "DS-SEC-006") == {"DS-DATA-002"}
    assert not {"DS-TCP-001", "DS-DATA-002"} & {finding.rule for finding in roots("security")}
