"""``provenance panel``: the panels that ship, panels of one's own, and the prompts to run a model on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from provenance.cli.options import Common, common_options, example, fields_options

if TYPE_CHECKING:
    from provenance.audit.panel import Panel

__all__ = ["panel"]


@click.group(short_help="Panels of reference answers for audits.", epilog=example("provenance panel prompts alpaca-eval"))
def panel() -> None:
    """Panels: what reference models answered to common prompts, as numbers and hashes."""


@panel.command("list", epilog=example("provenance panel list --format json"))
@common_options()
def list_panels(common: Common) -> None:
    """List the panels that ship with this version."""
    from dataclasses import asdict

    from provenance.cli.render import emit_records, form_for
    from provenance.models.audit_panels import list_panels as listed

    records = [{"schema_version": 1, **asdict(info)} for info in listed()]
    if common.format in ("table", "csv"):
        records = [{k: ", ".join(v) if k == "teachers" else v for k, v in r.items() if k != "schema_version"} for r in records]
    emit_records(records, form_for(common.format), common.output)


@panel.command(epilog=example("provenance panel build answers.parquet -o my_panel"))
@click.argument("outputs", nargs=-1, required=True, metavar="OUTPUTS...")
@click.option("-o", "--output", required=True, metavar="FOLDER", help="Where the panel goes.")
@click.option("--name", metavar="NAME", help="Name of the panel; the folder's if left out.")
@click.option("--skip-bad", is_flag=True, help="End with 0 although rows could not be read.")
@fields_options("text", "prompt", "source")
@common_options(("table", "jsonl", "json"), output=False)
def build(
    common: Common, outputs: tuple[str, ...], output: str, name: str | None, skip_bad: bool, **fields: str | None
) -> None:
    """Build a panel from answers of many models to common prompts.

    Rows need the prompt, the answer and the name of the model. Columns `family` (the maker), `lineage` (shared by
    variants of a model) and `taught_by` (makers whose models taught it, joined by commas; human or none) say who is a
    teacher and who a control; without `taught_by` all models of other makers are taken as controls. The texts stay
    out of the panel.
    """
    from pathlib import Path

    from provenance.audit.build import build_panel, gather
    from provenance.audit.plan import facts_of, plan_panel
    from provenance.audit.store import save_panel
    from provenance.cli.inputs import InputStream, end_after_bad_rows
    from provenance.corpora.makers import maker_of
    from provenance.models.panel_card import panel_card

    stream = InputStream(outputs, {**fields, "id_field": None}, common.notes)
    documents = list(stream)
    answers = gather(documents)
    facts = [fact for fact in facts_of(documents) if fact.name in answers]
    plan = plan_panel(facts, name or Path(output).resolve().name, maker=maker_of)
    made = build_panel(answers, plan, common.notes.say)
    save_panel(made, output, panel_card(made, {}))
    _tell(common, made, output)
    end_after_bad_rows(stream.unreadable, skip_bad, common.notes)


def _tell(common: Common, made: Panel, output: str) -> None:
    """Say what the panel can and cannot do."""
    from provenance.cli.render import emit_records, form_for

    controls = {t: sum(made.is_control(model, t) for model in made.models) for t in made.teachers}
    record = {
        "schema_version": 1, "panel": made.label, "folder": output, "models": len(made.models), "prompts": len(made.prompts),
        "teachers": list(made.teachers), "controls": controls,
    }  # fmt: skip
    emit_records([record], form_for(common.format, single=True), "-")
    few = [teacher for teacher, n in controls.items() if n < 5]
    if few:
        common.notes.warn(f"Few controls for {', '.join(few)}: kinship to them is measured badly; add models taught by others")


@panel.command(epilog=example("provenance panel prompts alpaca-eval -o prompts.jsonl"))
@click.argument("name", metavar="NAME|FOLDER")
@click.option("--from", "origin", metavar="FILE", help="File or hf:// name that holds the prompts; fetched if left out.")
@fields_options("prompt")
@common_options(("jsonl", "json", "csv"))
def prompts(common: Common, name: str, origin: str | None, prompt_field: str | None) -> None:
    """Write the questionnaire of a panel: the prompts to run a model on.

    A panel holds hashes of its prompts, not the prompts. They are taken from where they are published, or from FILE,
    and those that belong to the panel are written as {"id", "prompt"}. Add the answers as "text" and the name of the
    model as "model", and give the file to `provenance audit`.
    """
    from provenance.cli.prompts import questionnaire
    from provenance.cli.render import emit_records, form_for
    from provenance.models.audit_panels import load_panel

    reference = load_panel(name)
    records = questionnaire(reference, origin, prompt_field, common.notes)
    emit_records(records, form_for(common.format), common.output)
    common.notes.say(
        f"{len(records)} of the {len(reference.prompts)} prompts of {reference.label}; answer each once, then audit"
    )
