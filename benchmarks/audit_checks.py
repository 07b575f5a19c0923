"""What else is said of audits, measured: ``python benchmarks/audit_checks.py speed|own|channels DATA``.

`speed` audits 400 answers against the shipped panel in a process of its own: wall time, processor time, highest memory.
`own` builds panels from other prompt sets as `provenance panel build` does, and audits their labelled models.
`channels` compares ways to measure nearness on some prompts of the shipped panel: other lengths of the openings, plain
cosines, sentence embeddings with the prompt's topic taken out.
Each writes its part of benchmarks/results/audit-checks.json.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import orjson
from audit import TEACHER, audit_all, figures, labels
from memory import most_memory

from provenance.audit.build import build_panel, gather, in_bytes
from provenance.audit.panel import Panel
from provenance.audit.plan import facts_of, plan_panel
from provenance.audit.settings import NgramChannel
from provenance.audit.similarity import group_means, rooted, standardised
from provenance.audit.sketch import BUCKETS, Bags, prompt_key, sketch
from provenance.corpora.makers import maker_of
from provenance.documents import Document
from provenance.models.audit_panels import load_panel
from provenance.models.panel_sources import alpaca_documents
from provenance.reading import read_documents
from provenance.writing import write_jsonl

RESULTS = Path(__file__).resolve().parent / "results" / "audit-checks.json"
OWN = ("oasst_model_eval.parquet", "llmonitor.parquet")
AUDITED = ("zephyr-7b-beta", "claude-2")
LENGTHS = (20, 30, 50, 100)
WORDS = NgramChannel("words", "word", 2, 3, None, 8, 0.5)
FIRST_WORDS = 45
"""Words that the encoder reads: about 64 of its tokens."""
Values = np.ndarray


def write(part: str, rows: list[dict[str, Any]]) -> None:
    found = orjson.loads(RESULTS.read_bytes()) if RESULTS.is_file() else {}
    found[part] = rows
    RESULTS.write_bytes(orjson.dumps(dict(sorted(found.items())), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    for row in rows:
        click.echo(", ".join(f"{k} {v:.3f}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()))


@click.group()
def main() -> None:
    """Measure audits further."""


data_argument = click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))


@main.command()
@data_argument
@click.option("--answers", default=400)
def speed(data: Path, answers: int) -> None:
    """Audit answers of some models with the command, with and without its page."""
    documents = alpaca_documents(data)
    rows = []
    for model in AUDITED:
        own = [d for d in documents if d.source == model][:answers]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "outputs.jsonl"
            write_jsonl([{"prompt": d.prompt, "text": d.text, "model": d.source} for d in own], path)
            for extra in ((), ("--report", str(Path(folder) / "page.html"))):
                rows.append({"model": model, "answers": len(own), "page": bool(extra), **_measured(path, extra)})
    write("speed", rows)


def _measured(path: Path, extra: Sequence[str]) -> dict[str, float]:
    command = [str(Path(sys.executable).with_name("provenance")), "audit", str(path), *extra]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    highest = 0
    while process.poll() is None:
        highest = max(highest, most_memory(process.pid))
        time.sleep(0.02)
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise click.ClickException(f"{' '.join(command)} ended with {process.returncode}")
    return {
        "seconds": seconds,
        "processor_seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "memory_mb": highest / 1e6,
        "load": os.getloadavg()[0],
    }


@main.command()
@data_argument
def own(data: Path) -> None:
    """Build panels from other prompt sets and audit their labelled models, lineages or laboratories left out."""
    rows = []
    for name in OWN:
        documents = list(read_documents(data / "models" / name))
        answers = gather(documents)
        plan = plan_panel([f for f in facts_of(documents) if f.name in answers], Path(name).stem, maker=maker_of)
        panel = build_panel(answers, plan)
        prompts, labelled = np.arange(len(panel.prompts)), labels(data, (name,))
        for absent in (False, True):
            outcomes = audit_all(panel, labelled, prompts, absent)
            title = f"{Path(name).stem}, {len(prompts)} prompts" + (", laboratory absent" if absent else "")
            rows += figures(outcomes, title)
    write("own", rows)


@main.command()
@data_argument
@click.option("--prompts", "n_prompts", default=60, help="Prompts of the panel, drawn by a fixed seed.")
def channels(data: Path, n_prompts: int) -> None:
    """Compare ways to measure nearness."""
    panel, labelled = load_panel("alpaca-eval"), labels(data)
    chosen = np.sort(np.random.default_rng(0).permutation(len(panel.prompts))[:n_prompts])
    places, texts = _laid_out(panel, alpaca_documents(data), chosen)
    click.echo(f"{len(texts)} answers to {n_prompts} prompts", err=True)
    found = {name: _grouped(panel, places, n_prompts, values) for name, values in _nearness(panel, places, texts, n_prompts)}
    rows = []
    for title, shares, plain in _rules():
        stack = np.stack([found[name] for name in shares], axis=-1)
        stored, scales = in_bytes(stack if plain else rooted(stack))
        variant = replace(panel, prompts=panel.prompts[chosen], similarities=stored, scales=scales)
        rows.append({"rule": title, "prompts": n_prompts, **_row(variant, labelled, tuple(shares.values()))})
    write("channels", rows)


def _rules() -> Iterator[tuple[str, dict[str, float], bool]]:
    """Title, weight of each channel, and whether cosines are taken plain."""
    for first in LENGTHS:
        shares = {f"words {first}": 1.0, f"skeleton {first}": 1.0, "words": 0.5, "style": 0.5}
        yield f"openings of {first} tokens", shares, False
        yield f"openings of {first} tokens, plain cosines", shares, True
    usual = {"words 30": 1.0, "skeleton 30": 1.0, "words": 0.5, "style": 0.5}
    for name in usual:
        yield f"{name} alone", {name: 1.0}, False
    yield "embeddings alone", {"embeddings": 1.0}, True
    for weight in (0.5, 1.0):
        yield f"openings of 30 tokens and embeddings, weight {weight:g}", {**usual, "embeddings": weight}, False


def _row(panel: Panel, labelled: dict[str, dict[str, Any]], shares: tuple[float, ...]) -> dict[str, Any]:
    prompts = np.arange(len(panel.prompts))
    usual = audit_all(panel, labelled, prompts, False, shares)
    hard = [o for o in usual if o.taught or not o.related]
    absent = audit_all(panel, labelled, prompts, True, shares)
    taught = [o.verdict for o in usual if o.taught]
    return {
        "AUC": figures(usual, "")[0]["value"],
        "AUC hard": figures(hard, "")[0]["value"],
        "AUC absent": figures(absent, "")[0]["value"],
        "accused": sum(o.p_value <= 0.05 for o in usual if not o.taught),
        "named": sum(verdict.startswith("kin_to_") for verdict in taught),
        "named right": taught.count(f"kin_to_{TEACHER}"),
    }


def _laid_out(panel: Panel, documents: Sequence[Document], chosen: Values) -> tuple[Values, list[str]]:
    """Model and prompt of each answer, by prompt, and its text."""
    keys = {int(panel.prompts[place]): n for n, place in enumerate(chosen)}
    models = {model.name: m for m, model in enumerate(panel.models)}
    kept: dict[tuple[int, int], str] = {}
    for document in documents:
        place = keys.get(prompt_key(document.prompt)) if document.prompt else None
        if place is not None and document.source in models and document.text.strip():
            kept.setdefault((place, models[document.source]), document.text)
    order = sorted(kept)
    return np.array([(model, place) for place, model in order]), [kept[key] for key in order]


def _nearness(panel: Panel, places: Values, texts: list[str], n_prompts: int) -> Iterator[tuple[str, list[Values]]]:
    """Name of a channel, and for each prompt the similarities of its answers to each other."""
    wanted = [
        NgramChannel(f"{kind} {first}", "word" if kind == "words" else kind, *orders, first, 1, 1.0)
        for first in LENGTHS
        for kind, orders in (("words", (2, 3)), ("skeleton", (3, 4)))
    ]
    sketches = sketch(texts, [*wanted, WORDS])
    edges = np.searchsorted(places[:, 1], np.arange(n_prompts + 1))
    for channel, bags in zip([*wanted, WORDS], sketches.bags, strict=True):
        yield channel.name, [_sets(bags, first, last) for first, last in zip(edges, edges[1:], strict=False)]
    style = standardised(sketches.style, panel.style_mean, panel.style_sd)
    yield "style", [_centred(style[first:last]) for first, last in zip(edges, edges[1:], strict=False)]
    from provenance.features.embed import Embedder

    vectors = Embedder(max_words=FIRST_WORDS).fit(texts[:1]).transform(texts)
    yield "embeddings", [_centred(vectors[first:last]) for first, last in zip(edges, edges[1:], strict=False)]


def _sets(bags: Bags, first: int, last: int) -> Values:
    """Cosines of the sets of buckets of some rows, by rarity in all rows."""
    from scipy.sparse import csr_matrix

    idf = np.log((1 + len(bags)) / (1 + np.bincount(bags.buckets, minlength=BUCKETS)))
    own = bags.pick(np.arange(first, last))
    matrix = csr_matrix((idf[own.buckets], own.buckets, own.offsets), shape=(len(own), BUCKETS))
    norms = np.maximum(np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()), 1e-9)
    return (matrix @ matrix.T).toarray() / np.outer(norms, norms)


def _centred(vectors: Values) -> Values:
    """Cosines of what is left when the mean over the models is taken off: the topic of the prompt."""
    rest = vectors - vectors.mean(axis=0)
    norms = np.maximum(np.linalg.norm(rest, axis=1), 1e-9)
    return (rest @ rest.T) / np.outer(norms, norms)


def _grouped(panel: Panel, places: Values, n_prompts: int, similarities: list[Values]) -> Values:
    """Mean similarity of each model to each group, its own answer left out: (models, prompts, groups)."""
    names = [group.name for group in panel.groups]
    groups = np.array([names.index(model.group) if model.group else -1 for model in panel.models])
    out = np.full((len(panel.models), n_prompts, len(names)), np.nan, np.float32)
    for place, matrix in enumerate(similarities):
        models = places[places[:, 1] == place, 0]
        reference = groups[models] >= 0
        for i, model in enumerate(models):
            kept = reference & (models != model)
            out[model, place] = group_means(matrix[i, kept].astype(np.float32), groups[models[kept]], len(names))
    return out


if __name__ == "__main__":
    main()
