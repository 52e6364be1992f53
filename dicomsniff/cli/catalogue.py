"""The commands about dicomsniff itself: rules, explain, schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from dicomsniff.rules.rule import Rule


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def rules(as_json: bool) -> None:
    """List the rule catalogue."""
    from dicomsniff.rules.catalogue import every_rule

    if as_json:
        click.echo(json.dumps([_row(rule) for rule in every_rule()], indent=1))
        return
    for rule in every_rule():
        click.echo(f"{rule.id:<14} {rule.severity:<8} {rule.name:<34} {rule.title}")


def _row(rule: Rule[Any]) -> dict[str, Any]:
    """What a script may want to know of a rule; `absence`: it argues from something that was not seen."""
    return {
        "id": rule.id,
        "name": rule.name,
        "severity": rule.severity,
        "title": rule.title,
        "family": rule.id.rpartition("-")[0],
        "absence": rule.absence,
        "hides": list(rule.hides),
    }


@click.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Show one rule's page: what it sees, likely causes, fix, when it could be wrong."""
    from dicomsniff.rules.catalogue import rule as find
    from dicomsniff.rules.page import render_text

    try:
        found = find(rule)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    click.echo(render_text(found))


@click.command()
def schema() -> None:
    """Print the JSON Schema of the JSON report."""
    from dicomsniff.report import schema_text

    click.echo(schema_text(), nl=False)
