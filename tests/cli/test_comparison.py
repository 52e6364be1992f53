"""`dicomsniff diff` as a command."""

import json
from functools import partial
from pathlib import Path

from tests.association.dialogue import Dialogue
from tests.captures import real
from tests.cli.running import Shell, dialogue
from tests.compare.spoken import talk


def test_nothing_is_said_where_nothing_differs_and_the_code_is_0(shell: Shell, tmp_path: Path) -> None:
    good = dialogue(0, 0).save(tmp_path / "good.pcap")
    assert shell("diff", good, good) == (0, "", "")


def test_differences_give_1_and_stand_in_every_format(shell: Shell, tmp_path: Path) -> None:
    good, bad = dialogue(0).save(tmp_path / "good.pcap"), dialogue(0xA700).save(tmp_path / "bad.pcap")
    page, values = tmp_path / "d.html", tmp_path / "d.json"
    done = shell("diff", good, bad, "--html", page, "--json", values)
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("status: C-STORE of CT Image Storage") and "1 difference between" in done.out
    made = json.loads(values.read_text())
    assert (made["schema"], made["equal"]) == ("dicomsniff-diff", False)
    assert made["differences"][0]["bad"]["packets"] and made["pairs"] == [{"good": 1, "bad": 1}]
    html = page.read_text(encoding="utf-8")
    assert "0xA700" in html and "default-src &#39;none&#39;" in html and "<script" not in html
    again = shell("diff", good, bad, "--json", "-")
    assert json.loads(again.out) == made


def test_one_association_may_be_named(shell: Shell, tmp_path: Path) -> None:
    good = dialogue(0).save(tmp_path / "good.pcap")
    assert shell("diff", f"{good}:1", f"{good}:1").code == 0
    assert "has no association 2" in shell.refused("diff", f"{good}:2", good)
    assert "numbered from 1" in shell.refused("diff", f"{good}:0", good)
    assert "missing.pcap" in shell.refused("diff", good, tmp_path / "missing.pcap")


@real.here
def test_values_are_masked_unless_told_otherwise(shell: Shell) -> None:
    one, other = real.capture("find_manufacturer"), real.capture("query_retrieve")
    masked, plain = shell("diff", one, other), shell("diff", one, other, "--no-redact")
    assert masked.code == plain.code == 1 and len(masked.out.splitlines()) == len(plain.out.splitlines())


def test_noise_is_told_where_all_is_asked_for(shell: Shell, tmp_path: Path) -> None:
    runs = [talk(tmp_path / f"{n}.pcap", partial(Dialogue.echo, message_id=n), port=40000 + n) for n in (1, 2)]
    assert shell("diff", *runs) == (0, "", "")
    assert "Differs at every run:" in shell("diff", "--all", *runs).out
