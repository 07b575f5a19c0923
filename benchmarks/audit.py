"""How well audits tell students of ChatGPT from other models: ``python benchmarks/audit.py DATA [-o FILE] [--baselines]``.

Every labelled model of the panel is audited as if it were new: its lineage is taken out of the controls and of the
background, and its own answers out of the references. Three settings: with the panel's teachers (`all`), the negatives
that have no relative among the panel's teachers and controls (`hard`), and with all references of the suspect's lineage
taken out too (`absent`: what happens with a laboratory that the panel lacks). Labels: strength A and B.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import orjson
import pyarrow.parquet as pq

from provenance.audit.kinship import SHARES, kinships
from provenance.audit.panel import Panel
from provenance.audit.settings import AuditSettings
from provenance.audit.verdict import decide, teacher_records
from provenance.evaluate.metrics import auroc, wilson
from provenance.models.audit_panels import load_panel
from provenance.models.panel_sources import FILES

HERE = Path(__file__).resolve().parent
SIZES = (25, 50, 100, 200, 400)
TEACHER = "openai"
METHOD = (
    "Leave one lineage out over the labelled models of the panel (strength A and B): each is audited with its lineage out of "
    "the controls and the background. All negatives: the panel's teachers stay, the model's own answers are left out. Hard: "
    "those negatives without a relative in the panel. Absent: the references of the model's lineage are taken out too, so "
    "that its laboratory is missing from the panel. AUC: kinship to openai, students against the others; intervals: "
    "bootstrap over lineages; shares: Wilson."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    model: str
    lineage: str
    taught: bool
    related: bool
    kinship: float
    p_value: float
    verdict: str


def labels(data: Path, names: Sequence[str] = FILES) -> dict[str, dict[str, Any]]:
    columns = ["model", "chatgpt_taught", "label_strength", "lineage", "teacher"]
    rows = [row for name in names for row in pq.read_table(data / "models" / name, columns=columns).to_pylist()]
    return {row["model"]: row for row in rows}


def audit_all(
    panel: Panel,
    labelled: dict[str, dict[str, Any]],
    prompts: np.ndarray,
    absent: bool,
    shares: Sequence[float] = SHARES,
) -> list[Outcome]:
    measured = panel.measured(prompts)
    own = [{m.lineage for m in panel.models if m.group == group.name} for group in panel.groups]
    alone = {lin for lin in panel.lineages if (panel.lineages == lin).sum() == 1}
    rule = AuditSettings(draws=0)
    out = []
    for i, model in enumerate(panel.models):
        label = labelled[model.name]
        if label["label_strength"] not in ("A", "B") or label["chatgpt_taught"] not in ("yes", "no"):
            continue
        mine = measured[i].copy()
        if absent:
            mine[:, [model.lineage in lineages for lineages in own]] = np.nan
        if np.isnan(mine).all():
            continue
        found = kinships(panel, mine, prompts, related={model.lineage}, draws=rule.draws, shares=shares)
        records = teacher_records(panel, found, panel.teachers, rule)
        asked = next(record for record in records if record.teacher == TEACHER)
        out.append(
            Outcome(
                model.name, model.lineage, label["chatgpt_taught"] == "yes", model.lineage not in alone,
                asked.kinship, asked.p_value or 1.0, decide(records, rule).verdict,
            )
        )  # fmt: skip
    return out


def lineage_interval(outcomes: Sequence[Outcome], draws: int = 2000) -> tuple[float, float, float]:
    scores, taught, weights = _arrays(outcomes)
    lineages = np.array([f"{o.taught}/{o.lineage}" for o in outcomes])
    names = {flag: np.unique(lineages[taught == flag]) for flag in (True, False)}
    rng = np.random.default_rng(0)
    values = []
    for _ in range(draws):
        counts = np.zeros(len(outcomes))
        for flag in (True, False):
            for name in rng.choice(names[flag], len(names[flag])):
                counts[lineages == name] += 1
        values.append(auroc(scores, taught, counts))
    low, high = np.quantile(values, [0.025, 0.975])
    return auroc(scores, taught, weights), float(low), float(high)


def _arrays(outcomes: Sequence[Outcome]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.array([o.kinship for o in outcomes]), np.array([o.taught for o in outcomes]), np.ones(len(outcomes))


def figures(outcomes: Sequence[Outcome], name: str) -> list[dict[str, Any]]:
    value, low, high = lineage_interval(outcomes)
    taught, rest = [o for o in outcomes if o.taught], [o for o in outcomes if not o.taught]
    rows = [_row(f"AUC, {name}", value, low, high, f"{len(taught)} against {len(rest)} models")]
    accused = wilson(sum(o.p_value <= 0.05 for o in rest), len(rest))
    rows.append(_row(f"false accusations (p <= .05 for {TEACHER}), {name}", *_parts(accused), str(len(rest))))
    return rows


def naming(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    taught = [o for o in outcomes if o.taught]
    named = [o for o in taught if o.verdict.startswith("kin_to_")]
    right = [o for o in named if o.verdict == f"kin_to_{TEACHER}"]
    return [
        _row("taught models for which a teacher is named", *_parts(wilson(len(named), len(taught))), str(len(taught))),
        _row("of these, named right", *_parts(wilson(len(right), len(named))), str(len(named))),
    ]


def _parts(estimate: Any) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high


def _row(figure: str, value: float, low: float, high: float, n: str) -> dict[str, Any]:
    return {"figure": figure, "value": value, "low": low, "high": high, "n": n}


def by_prompts(panel: Panel, labelled: dict[str, dict[str, Any]], repeats: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(0)
    rows = []
    for size in SIZES:
        runs = []
        for _ in range(1 if size >= 400 else repeats):
            chosen = np.sort(rng.choice(len(panel.prompts), min(size, len(panel.prompts)), replace=False))
            runs.append(audit_all(panel, labelled, chosen, absent=False))
        rows.append(_size_row(size, runs))
    return rows


def _size_row(size: int, runs: Sequence[Sequence[Outcome]]) -> dict[str, Any]:
    every = [o for run in runs for o in run]
    taught, rest = [o for o in every if o.taught], [o for o in every if not o.taught]
    verdicts = [o.verdict for o in taught]
    right = verdicts.count(f"kin_to_{TEACHER}")
    none = sum(not verdict.startswith("kin_to_") for verdict in verdicts)
    return {
        "prompts": size,
        "draws": len(runs),
        "AUC": float(np.mean([auroc(*_arrays(run)[:2]) for run in runs])),
        "false accusations": float(np.mean([o.p_value <= 0.05 for o in rest])),
        "named right": right / len(verdicts),
        "named wrong": (len(verdicts) - right - none) / len(verdicts),
        "none": none / len(verdicts),
    }


def baselines(data: Path, outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """What averaging per-text scores gives: mean ChatGPT probability and score of `default`, nearness in TF-IDF average."""
    wanted = {o.model: o for o in outcomes}
    texts: dict[str, list[str]] = {}
    teacher: list[str] = []
    for name in FILES:
        for row in pq.read_table(data / "models" / name, columns=["model", "text", "prompt_id"]).to_pylist():
            if int(row["prompt_id"], 16) % 8:  # an eighth of the prompts keeps this quick
                continue
            if row["model"] in wanted:
                texts.setdefault(row["model"], []).append(row["text"])
            if row["model"].startswith("gpt-3.5-turbo-"):
                teacher.append(row["text"])
    order = [o for o in outcomes if o.model in texts]
    return [
        {
            "baseline": title,
            **dict(zip(("AUC", "low", "high"), lineage_interval([_with(o, values[o.model]) for o in order]), strict=True)),
        }
        for title, values in (*_averages(texts), _tfidf(texts, teacher))
    ]


def _with(outcome: Outcome, value: float) -> Outcome:
    return Outcome(**{**asdict(outcome), "kinship": value})


def _averages(texts: dict[str, list[str]]) -> list[tuple[str, dict[str, float]]]:
    from provenance.models import load_detector

    out = []
    for name in ("fast", "default"):
        detector = load_detector(name)
        means = {}
        for model, answers in texts.items():
            found = [s.chatgpt_probability for s in detector.iter_scores(answers) if s.chatgpt_probability is not None]
            means[model] = float(np.mean(found)) if found else 0.0
        out.append((f"mean per-text ChatGPT probability of `{name}`", means))
    return out


def _tfidf(texts: dict[str, list[str]], teacher: list[str]) -> tuple[str, dict[str, float]]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(sublinear_tf=True, min_df=3).fit([*teacher, *(t for answers in texts.values() for t in answers)])
    centre = np.asarray(vectors.transform(teacher).mean(axis=0)).ravel()
    means = {m: np.asarray(vectors.transform(answers).mean(axis=0)).ravel() for m, answers in texts.items()}
    norm = np.linalg.norm
    return "TF-IDF average, cosine with GPT-3.5", {m: float(v @ centre / norm(v) / norm(centre)) for m, v in means.items()}


def variants(panel: Panel, labelled: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Verdicts on concise and verbose variants beside the plain model: they must not flip."""
    prompts = np.arange(len(panel.prompts))
    measured = panel.measured(prompts)
    rule = AuditSettings(draws=0)
    rows = []
    for i, model in enumerate(panel.models):
        if not (model.name.endswith(("_concise", "_verbose")) or model.name in _PLAIN):
            continue
        found = kinships(panel, measured[i], prompts, related={model.lineage}, draws=rule.draws)
        records = teacher_records(panel, found, panel.teachers, rule)
        kin = {record.teacher: record.kinship for record in records}
        rows.append(
            {"model": model.name, "kinship to openai": kin.get(TEACHER, float("nan")), "verdict": decide(records, rule).verdict}
        )
    return rows


_PLAIN = ("gpt4_0613", "gpt4_1106_preview", "gpt-3.5-turbo-1106", "alpaca-7b", "Mixtral-8x7B-Instruct-v0.1")


def _write(output: Path, result: dict[str, Any]) -> None:
    output.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    for row in result["figures"]:
        click.echo(f"{row['figure']:70s} {row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f}) n={row['n']}")
    for title, rows in result["tables"].items():
        click.echo(title)
        for row in rows:
            click.echo("  " + ", ".join(f"{k} {v:.3f}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()))


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), default=HERE / "results" / "audit.json")
@click.option("--panel", "name", default="alpaca-eval")
@click.option("--repeats", default=4, help="Draws of prompts for each number of prompts.")
@click.option("--baselines", "with_baselines", is_flag=True, help="Add the naive baselines to the figures that are there.")
def main(data: Path, output: Path, name: str, repeats: int, with_baselines: bool) -> None:
    """Measure audits on the labelled models of DATA/models and write the figures as JSON."""
    panel, labelled = load_panel(name), labels(data)
    prompts = np.arange(len(panel.prompts))
    usual = audit_all(panel, labelled, prompts, absent=False)
    if with_baselines:
        result = orjson.loads(output.read_bytes())
        result["tables"]["Naive baselines (all negatives, an eighth of the prompts)"] = baselines(data, usual)
        _write(output, result)
        return
    absent = audit_all(panel, labelled, prompts, absent=True)
    hard = [o for o in usual if o.taught or not o.related]
    rows = figures(usual, "all negatives") + naming(usual)
    rows += figures(hard, "hard negatives") + figures(absent, "laboratory absent from the panel")
    tables = {
        "By number of prompts (all negatives)": by_prompts(panel, labelled, repeats),
        "Concise and verbose variants": variants(panel, labelled),
        "Every labelled model": [
            {
                "model": o.model,
                "taught by ChatGPT": o.taught,
                "kinship to openai": o.kinship,
                "p": o.p_value,
                "verdict": o.verdict,
            }
            for o in sorted(usual, key=lambda o: -o.kinship)
        ],
    }
    command = "python benchmarks/audit.py DATA, then the same with --baselines"
    _write(
        output, {"what": "audit", "panel": panel.label, "method": METHOD, "command": command, "figures": rows, "tables": tables}
    )


if __name__ == "__main__":
    main()
