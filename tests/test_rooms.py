"""The house rules: data flows one way, every module says what it is and is tested, nothing heavy at the door."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[1]
PACKAGE, TESTS = ROOT / "dicomsniff", ROOT / "tests"
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
HEAVY = {"numpy", "pydicom", "jinja2", "rich", "scapy", "dpkt", "pyshark", "zstandard", "orjson"}
LONGEST_FUNCTION, LONGEST_MODULE = 50, 400
WORDLESS = {"utils", "util", "helpers", "common", "base", "manager"}
TESTED_WITH = {
    "association/attempts.py": "association/test_retrieval.py",
    "association/gathering.py": "test_pipeline.py",
    "association/moves.py": "association/test_retrieval.py",
    "association/signs.py": "association/test_retrieval.py",
    "capture/block.py": "capture/test_source.py",
    "capture/capture_file.py": "capture/test_hostile_bytes.py",
    "capture/pcapng_section.py": "capture/test_pcapng.py",
    "dimse/identifier.py": "rules/query/test_unfitting_answer.py",
    "dimse/likeness.py": "dimse/test_inspection.py",
    "dimse/pixel_faults.py": "rules/data_sets/test_inconsistent_pixels.py",
    "dimse/soundness.py": "dimse/test_inspection.py",
    "compare/aligning.py": "compare/test_comparing.py",
    "compare/data_sets.py": "compare/test_comparing.py",
    "compare/exchanges.py": "compare/test_comparing.py",
    "compare/naming.py": "compare/test_comparing.py",
    "compare/negotiation.py": "compare/test_comparing.py",
    "compare/telling.py": "cli/test_comparison.py",
    "compare/values.py": "compare/test_comparing.py",
    "capture/tshark.py": "crosscheck/test_judging.py",
    "cli/crosschecking.py": "crosscheck/test_judging.py",
    "cli/stages.py": "stages/test_late.py",
    "crosscheck/asking.py": "crosscheck/test_judging.py",
    "stages/early.py": "stages/test_late.py",
    "capture/pcapng_writer.py": "tcp/test_cutting.py",
    "query/attributes.py": "query/test_picking.py",
    "cli/reading.py": "cli/test_conversation.py",
    "replay/data_files.py": "replay/test_plan.py",
    "replay/dcmtk.py": "replay/test_plan.py",
    "replay/keys.py": "replay/test_plan.py",
    "replay/script.py": "replay/test_plan.py",
    "export/others.py": "export/test_wishes.py",
    "report/log/elements.py": "report/log/test_writing.py",
    "report/log/events.py": "report/log/test_toolkit_logs.py",
    "report/log/exchange_of.py": "report/log/test_wishes.py",
    "report/log/messages.py": "report/log/test_toolkit_logs.py",
    "report/log/negotiation.py": "report/log/test_toolkit_logs.py",
    "report/log/text.py": "report/log/test_toolkit_logs.py",
    "report/values.py": "report/test_rows.py",
    "rules/capture_quality/whole.py": "rules/capture_quality/test_lost_packets.py",
    "rules/clock.py": "rules/negotiation/test_unanswered_request.py",
    "rules/contexts/offers.py": "rules/contexts/test_unsupported_sop_class.py",
    "rules/contexts/usage.py": "rules/contexts/test_unsupported_sop_class.py",
    "rules/data_sets/telling.py": "rules/data_sets/test_invalid_uid.py",
    "rules/dimse/claims.py": "rules/dimse/test_failed_operation.py",
    "rules/dimse/oddities.py": "rules/dimse/test_invalid_command.py",
    "rules/finding.py": "rules/test_joining.py",
    "rules/leaving.py": "rules/storage/test_interrupted_transfer.py",
    "rules/naming.py": "rules/dimse/test_failed_operation.py",
    "rules/negotiation/offence.py": "rules/negotiation/test_protocol_abort.py",
    "rules/negotiation/rejections.py": "rules/negotiation/test_unknown_called_ae.py",
    "rules/printing/jobs.py": "rules/printing/test_failed_print.py",
    "rules/query/keys.py": "rules/query/test_failed_query.py",
    "rules/query/spellings.py": "rules/query/test_empty_answer.py",
    "rules/retrieve/mismatch.py": "rules/retrieve/test_callback_context_mismatch.py",
    "rules/retrieve/retrieves.py": "rules/retrieve/test_unreachable_callback.py",
    "rules/rule.py": "rules/test_runner.py",
    "rules/storage/answered_stores.py": "rules/storage/test_out_of_resources.py",
    "rules/storage/jobs.py": "rules/storage/test_interrupted_transfer.py",
    "rules/transport/attempts.py": "rules/transport/test_refused_connection.py",
    "rules/transport/living_hosts.py": "rules/transport/test_mtu_black_hole.py",
    "rules/transport/resent_segment.py": "rules/transport/test_mtu_black_hole.py",
    "rules/transport/undelivered.py": "rules/transport/test_retransmissions.py",
    "rules/security/tls_lines.py": "rules/security/test_tls_handshake.py",
    "rules/security/tls_words.py": "rules/security/test_tls_handshake.py",
    "tls/values.py": "tls/test_reader.py",
    "tcp/segment_facts.py": "tcp/test_watch.py",
}
"""Modules that are one thing with another: what several rules share is tested through a rule, values through their use."""
each_module = pytest.mark.parametrize("module", MODULES, ids=str)


def source(module: Path) -> ast.Module:
    return ast.parse((PACKAGE / module).read_text("utf-8"))


def defines(module: Path) -> bool:
    """Whether a module holds more than imports, names and their meanings: something that can be wrong."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(isinstance(node, functions) for node in ast.walk(source(module)))


def test_of(module: Path) -> Path:
    """Where the tests of a module are: tests/pdu/test_framer.py for pdu/framer.py."""
    own = TESTS / module.with_name(f"test_{module.name.replace('__', '')}")
    return own if own.is_file() else TESTS / TESTED_WITH.get(module.as_posix(), own.relative_to(TESTS))


test_of.__test__ = False  # type: ignore[attr-defined]


def test_data_flows_one_way() -> None:
    here = os.getcwd()
    os.chdir(ROOT)
    try:
        assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0
    finally:
        os.chdir(here)


@each_module
def test_every_module_says_what_it_is(module: Path) -> None:
    docstring = ast.get_docstring(source(module))
    assert docstring and docstring.split("\n\n")[0].rstrip().endswith((".", "?", "!", ":")), module


@each_module
def test_every_module_has_tests_of_its_own(module: Path) -> None:
    assert not defines(module) or test_of(module).is_file(), f"{test_of(module).relative_to(ROOT)} is missing"


@each_module
def test_modules_and_functions_are_short(module: Path) -> None:
    assert len((PACKAGE / module).read_text("utf-8").splitlines()) <= LONGEST_MODULE
    for node in ast.walk(source(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, node.name


@each_module
def test_no_module_has_a_name_that_says_nothing(module: Path) -> None:
    assert not WORDLESS & {part.removesuffix(".py") for part in module.parts}


@pytest.mark.parametrize("name", ["dicomsniff", "dicomsniff.cli", "dicomsniff.__main__"])
def test_no_heavy_library_is_loaded_at_the_door(name: str) -> None:
    code = f"import sys, {name}; print(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.split() == []


def test_what_only_extras_need_is_never_loaded_by_an_analysis() -> None:
    code = "import sys, dicomsniff; dicomsniff.analyze; print(*sorted({'scapy', 'pyshark', 'rich', 'click'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.split() == []
