"""The case of DeepSeek, written as docs/case-deepseek.md: ``python benchmarks/case_deepseek.py DATA``.

Builds a panel from each file of DATA/models that holds a DeepSeek model, audits the DeepSeek models and the models with
known teachers beside them, and writes what came out, numbers and limits. Nothing in the document is written by hand but
its plain sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import orjson

from provenance.audit.build import build_panel, gather
from provenance.audit.panel import Panel
from provenance.audit.plan import facts_of, plan_panel
from provenance.audit.result import AuditResult
from provenance.audit.settings import AuditSettings
from provenance.audit.verdict import audit
from provenance.corpora.makers import maker_of
from provenance.documents import Document
from provenance.reading import read_documents

HERE = Path(__file__).resolve().parent
FILES = {
    "oasst_model_eval": "Open-Assistant sampling reports: 250 general prompts",
    "speechmap": "SpeechMap: 200 politically sensitive writing requests, models of 2024 and 2025",
    "eqbench_creative_v3": "EQ-Bench creative writing: 96 pieces, models of 2025",
}
BESIDE = 4
"""Models of each kind, with a known and firm label, that are audited beside DeepSeek's in each file."""
KNOWN = ("airoboros-33b", "zephyr-7b-beta", "wizardlm-13b", "tulu-2-dpo-7b", "alpaca-7b", "claude-2", "llama-2-7b-chat-hf",
         "oasst-sft-pythia-12b")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    model: str
    label: str
    result: AuditResult
    average: float | None


def label_of(document: Document) -> str:
    strength = str(document.meta.get("label_strength") or "-")
    taught, teacher = str(document.meta.get("chatgpt_taught")), document.meta.get("teacher")
    if taught == "teacher":
        return "OpenAI's own"
    return {"yes": f"taught by ChatGPT ({teacher}; {strength})", "no": f"not taught by ChatGPT ({strength})"}.get(
        taught, "not known"
    )


def chosen(documents: Sequence[Document], panel: Panel) -> list[str]:
    first = {str(d.source): d for d in reversed(documents)}
    deepseek = [m.name for m in panel.models if m.family == "deepseek"]
    out = list(deepseek)
    for taught in ("yes", "no", "teacher"):
        lineages: set[str] = set()
        for model in panel.models:
            row = first[model.name].meta
            firm = row.get("label_strength") in ("A", "B") or taught == "teacher"
            if row.get("chatgpt_taught") == taught and firm and model.lineage not in lineages and len(lineages) < BESIDE:
                lineages.add(model.lineage)
                out.append(model.name)
    return out


def audit_file(path: Path) -> tuple[Panel, list[Line]]:
    from provenance.models import load_detector

    documents = list(read_documents(path))
    answers = gather(documents)
    facts = [fact for fact in facts_of(documents) if fact.name in answers]
    panel = build_panel(answers, plan_panel(facts, path.stem, maker=maker_of))
    detector = load_detector("fast")
    lines = []
    for name in chosen(documents, panel):
        own = [d for d in documents if d.source == name]
        lineage = next(m.lineage for m in panel.models if m.name == name)
        result = audit(own, panel, related=[lineage], settings=AuditSettings(draws=200))
        found = [s.chatgpt_probability for s in detector.iter_scores(own) if s.chatgpt_probability is not None]
        lines.append(Line(name, label_of(own[0]), result, sum(found) / len(found) if found else None))
    return panel, lines


def table(lines: Sequence[Line]) -> list[str]:
    names = ["model", "what is publicly known", "prompts", "nearest", "kinship (95 % interval)", "kinship to openai", "p"]
    out = ["| " + " | ".join([*names, "verdict", "naive"]) + " |"]
    out.append("|---|---|---|---|---|---|---|---|---|")
    for line in lines:
        result = line.result
        top = result.teachers[0] if result.teachers else None
        asked = next((t for t in result.teachers if t.teacher == "openai"), None)
        interval = (
            f"{top.kinship:.2f} ({top.low:.2f} to {top.high:.2f})"
            if top and top.low is not None and top.high is not None
            else "–"
        )
        cells = [
            line.model, line.label, str(result.n_prompts), top.teacher if top else "–", interval,
            f"{asked.kinship:.2f}" if asked else "–",
            f"{top.p_value:.3f}" if top and top.p_value is not None else "–", result.verdict.replace("_", " "),
            "–" if line.average is None else f"{line.average:.2f}",
        ]  # fmt: skip
        out.append("| " + " | ".join(cells) + " |")
    return out


def section(name: str, what: str, panel: Panel, lines: Sequence[Line]) -> list[str]:
    controls = {t: sum(panel.is_control(m, t) for m in panel.models) for t in panel.teachers}
    known = ", ".join(f"{t} {n}" for t, n in controls.items())
    pairs = max((t.n_controls for line in lines for t in line.result.teachers), default=0)
    limit = f"The smallest p-value that this panel can give is {1 / (pairs + 1):.3f} ({pairs} control pairs at most)." + (
        " With fewer than 19 pairs no verdict is possible, and none is given." if pairs < 19 else ""
    )
    claims = [
        f"{line.model}: "
        + ", ".join(f"{k} {v}" for k, v in line.result.identity.counts.items())
        + f" of {line.result.identity.n}"
        for line in lines
        if line.result.identity.counts and "deepseek" in line.model.lower()
    ]
    named = (
        f"What DeepSeek's models call themselves: {'; '.join(claims)}." if claims else "No DeepSeek model names itself here."
    )
    return [
        f"## {what}",
        "",
        f"File `{name}`; {len(panel.models)} models; controls: {known}. {limit}",
        "",
        *table(lines),
        "",
        named,
        "",
    ]


def known_section(results: Path) -> list[str]:
    if not results.is_file():
        return []
    found: dict[str, Any] = orjson.loads(results.read_bytes())
    rows = {row["model"]: row for title, rows in found["tables"].items() if title.startswith("Every labelled") for row in rows}
    out = ["## Models with known teachers on the shipped panel", ""]
    out += [
        "DeepSeek's models are not among the answers to AlpacaEval that we have. What the same audit says of models whose",
    ]
    out += [
        "training is known (their lineage taken out of the controls):",
        "",
        "| model | taught by ChatGPT | kinship to openai | p | verdict |",
    ]
    out += ["|---|---|---|---|---|"]
    for name in KNOWN:
        if name in rows:
            r = rows[name]
            taught = "yes" if r["taught by ChatGPT"] else "no"
            out.append(
                f"| {name} | {taught} | {r['kinship to openai']:.2f} | {r['p']:.3f} | {r['verdict'].replace('_', ' ')} |"
            )
    for row in found["figures"]:
        out += ["", f"{row['figure']}: {row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f}), n = {row['n']}."]
    return [*out, ""]


OPENING = """# The case of DeepSeek

In early 2025 it was widely said that DeepSeek's models had been trained on ChatGPT's answers. What do the answers that are
public say, asked by a method that is tested on models whose training is known?

This document is written by a script: `python benchmarks/case_deepseek.py ../shared/data`. The data are published answers of
models to shared prompts, and the labels of what taught a model come from papers and model cards. A DeepSeek model has no label:
what taught it is not publicly known, and this document does not find it out.

How to read the tables: *kinship* is closeness to a teacher on the same prompts beyond the nearest rival and beyond what
controls show, in standard deviations of the null ([the method](audit.md)). *p* is the rank of the nearest teacher's kinship
among control pairs. *naive* is the mean per-text ChatGPT probability of the detector `fast`, the kind of figure that is
commonly reported: compare it between models that are known to be taught by ChatGPT and models that are known not to be,
before believing it of any other.
"""

CLOSING = """## What this does not show

- Resemblance is not training. Assistants share data sets, and the web of 2023 and later is full of ChatGPT's answers.
- The panels built here are small. Where there are fewer than 19 pairs of a control and a teacher, no p-value can be .05 or
  less, and "not enough evidence" is the only honest verdict.
- With fewer than three rival families, models taught by people among them, there is no verdict either: a stranger has nowhere
  else to stand then, and on models with known training kinship in so small a panel was measured to say little.
- Sensitive requests and creative writing are narrow: on them models differ by policy and by persona as much as by lineage.
- Style cannot tell training on texts from distillation of logits, nor direct training from training on a third model's copies.
- Reasoning that a model wrote before its answer was removed from the published files that mark it.
- Nothing here bears on terms of service, consent or law. What would settle the question is the training data.
"""


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), default=HERE.parent / "docs" / "case-deepseek.md")
@click.option("--results", type=click.Path(path_type=Path), default=HERE / "results" / "audit.json")
def main(data: Path, output: Path, results: Path) -> None:
    """Write the document from DATA/models."""
    parts = [OPENING]
    for name, what in FILES.items():
        panel, lines = audit_file(data / "models" / f"{name}.parquet")
        parts.append("\n".join(section(name, what, panel, lines)))
        click.echo(f"{name}: {len(lines)} audits", err=True)
    parts.append("\n".join(known_section(results)))
    output.write_text("\n".join([*parts, CLOSING]), encoding="utf-8")


if __name__ == "__main__":
    main()
