"""Build the shipped panel: ``python -m provenance.models.build_panel DATA``.

DATA holds models/alpaca_eval.parquet. Figures for the card are taken from benchmarks/results/audit.json, which
benchmarks/audit.py writes; without it the card has none.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

HERE = Path(__file__).resolve().parent
NAME = "alpaca-eval"


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path), default=HERE / "panels" / NAME)
@click.option("--results", type=click.Path(path_type=Path), default=HERE.parent / "benchmarks" / "results" / "audit.json")
@click.option("--figures-only", is_flag=True, help="Renew metrics and card; build nothing.")
def main(data: Path | None, output: Path, results: Path, figures_only: bool) -> None:
    """Build the panel from DATA and write it, with its card."""
    from provenance.audit.build import PanelPlan, build_panel, gather
    from provenance.audit.store import load_panel_folder, save_panel
    from provenance.models.panel_card import panel_card, panel_metrics
    from provenance.models.panel_sources import FILES, GROUPS, alpaca_documents, panel_models

    if figures_only:
        panel = load_panel_folder(output)
    elif data is None:
        raise click.UsageError("DATA is missing; wanted the folder that holds models/, or --figures-only")
    else:
        documents = alpaca_documents(data)
        plan = PanelPlan(
            name=NAME,
            description="answers to AlpacaEval instructions (English), models of 2022 to 2024",
            models=panel_models(documents),
            groups=GROUPS,
            recipe={"files": list(FILES), "prompts": "datasets: tatsu-lab/alpaca_eval, alpaca_eval.json"},
        )
        panel = build_panel(gather(documents), plan, lambda line: click.echo(line, err=True))
    metrics = panel_metrics(results)
    save_panel(panel, output, panel_card(panel, metrics), metrics)
    click.echo(f"{output}: {sum(f.stat().st_size for f in output.iterdir()):,} bytes", err=True)


if __name__ == "__main__":
    sys.exit(main())
