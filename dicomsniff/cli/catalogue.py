"""The commands about dicomsniff itself: rules, explain, schema."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def rules(as_json: bool) -> None:
    """List the rule catalogue."""
    from dicomsniff.rules.catalogue import every_rule

    if as_json:
        rows = [{"rule": r.id, "name": r.name, "severity": r.severity, "title": r.title} for r in every_rule()]
        click.echo(json.dumps(rows, indent=1))
        return
    for rule in every_rule():
        click.echo(f"{rule.id:<14} {rule.severity:<8} {rule.name:<34} {rule.title}")


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
