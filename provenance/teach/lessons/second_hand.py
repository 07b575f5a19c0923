"""Lesson 7. First hand or second hand? What resemblance can and cannot say.

Question: three students write like an assistant. One was trained on answers bought from it, one on a public data set of
such answers that others had bought, one on a web of which a tenth is such answers. Can outputs tell the three apart?

What is done: students of one size, trained alike, on people's answers with a share of the assistant's. Their outputs are
read by the project's detector `fast`, and compared with the assistant's answers to the same prompts by the word pairs and
triples that they share, less those shared with people's answers. The controls are five more students, from other seeds,
that saw people's answers alone; all seeds are held against the same five.

What it does not show: how strong the resemblance is for real models and real webs. Where a share is too small to be seen
here it may be seen with more outputs, and the other way round. That the paths cannot be told apart is no figure of
this lesson alone: bought and published answers are samples of one distribution, so their students are too.

Papers: Sun et al. 2025 (2502.12150); Wadhwa et al. 2025 (2502.06659); Liang et al. 2024 (2403.07183).
"""

from __future__ import annotations

import re
from dataclasses import replace

import torch
from torch import Tensor

from provenance.teach import objectives
from provenance.teach.chat import LENGTH, World, documents, make_world
from provenance.teach.draws import each, generators, picks, shared_generator
from provenance.teach.figures import Bars, Figure, Lines, interval
from provenance.teach.lessons.style_not_ability import answers, auroc, mean, scores
from provenance.teach.result import Result, finding
from provenance.teach.settings import Settings
from provenance.teach.tiny_lm import TinyLM
from provenance.teach.training import train

__all__ = ["ngram_resemblance", "run"]

SHARES = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0)
CONTROLS = 5


def run(settings: Settings) -> Result:
    """Train students of every share and path, and look at what they write."""
    seeds, quick = settings.seeds, settings.quick
    rng, rngs = shared_generator(settings), generators(settings)
    world = make_world(settings.seed)
    places = world.groups["asked"] + world.groups["own"]
    total, steps = (128, 40) if quick else (512, 280)

    settings.tell("the assistant and people write")
    sold = {path: each(rngs, lambda its: world.write(places, total, its)) for path in ("bought", "published")}
    web = each(rngs, lambda its: world.write(places, total, its, "people"))  # (S, N, T)
    paths = [("bought", share) for share in ((0.0, 0.1, 1.0) if quick else SHARES)] + [("published", 1.0)]
    texts: dict[tuple[str, float], list[list[tuple[int, str]]]] = {}
    apart_from = replace(settings, seed=settings.seed + 1000, seeds=2 if quick else CONTROLS)
    for path, share in paths:
        settings.tell(f"students of {share:.0%} {path} answers")
        machine = round(share * total)
        data = torch.cat([sold[path][:, :machine], web[:, machine:]], 1)  # (S, N, T)
        texts[path, share] = answers(world, taught(data, world, settings, steps), places, 4 if quick else 8, rngs)

    settings.tell("control students, taught by people alone")
    theirs_too = generators(apart_from)
    data = each(theirs_too, lambda its: world.write(places, total, its, "people"))  # (C, N, T)
    spoken = answers(world, taught(data, world, apart_from, steps), places, 4 if quick else 8, theirs_too)

    settings.tell("the detector reads, and n-grams are counted")
    order = places * 8
    theirs = [world.answer(world.write([place], 1, rng)[0]) for place in order]
    peoples = [world.answer(world.write([place], 1, rng, "people")[0]) for place in order]
    read = {key: [scores(documents([text for _, text in one])) for one in runs] for key, runs in texts.items()}
    alike = {
        key: [
            mean(
                [
                    ngram_resemblance(text, a) - ngram_resemblance(text, b)
                    for (_, text), a, b in zip(one, theirs, peoples, strict=False)
                ]
            )
            for one in runs
        ]
        for key, runs in texts.items()
    }
    controls = [value for one in spoken for value in scores(documents([text for _, text in one]))]
    cut = sorted(controls)[int(0.95 * len(controls))]
    power = {key: [mean([value > cut for value in one]) for one in runs] for key, runs in read.items()}
    found = {key: [auroc(one, controls) for one in runs] for key, runs in read.items()}
    apart = [auroc(a, b) for a, b in zip(read["bought", 1.0], read["published", 1.0], strict=True)]
    mixed = ("bought", 0.1) if ("bought", 0.1) in read else paths[1]

    def label(key: tuple[str, float]) -> str:
        return f"{key[1]:.0%} {key[0]}" if key[1] else "none"

    findings = [
        finding("auroc_bought", "AUROC of the detector against controls, all answers bought", found["bought", 1.0]),
        finding(
            "auroc_published",
            "AUROC of the detector against controls, all answers from a public data set",
            found["published", 1.0],
        ),
        finding("auroc_mix", f"AUROC of the detector against controls, {mixed[1]:.0%} of the web", found[mixed]),
        finding("first_or_second_hand", "AUROC of the detector between bought and published (0.5: cannot tell)", apart),
        finding("resemblance_bought", "n-gram resemblance beyond people's, all answers bought", alike["bought", 1.0]),
        finding("resemblance_published", "the same, all answers from a public data set", alike["published", 1.0]),
        finding("power_mix", f"share of documents above 95 % of the controls' at {mixed[1]:.0%} of the web", power[mixed]),
    ]
    table = [
        {
            "answers of the assistant in the data": label(key),
            "detector AUROC": round(interval(found[key])[0], 3),
            "documents above 95 % of controls": round(interval(power[key])[0], 3),
            "n-gram resemblance": round(interval(alike[key])[0], 4),
        }
        for key in texts
    ]
    bought = [key for key in texts if key[0] == "bought" and key[1] > 0]
    curve = Figure(
        "power-by-share",
        "How much shows, by the share of the assistant's answers in the data",
        "; ".join(f"{key[1]:.0%}: {interval(power[key])[0]:.0%} of documents" for key in bought)
        + " stand above 95 % of the controls'.",
        "share of the data that the assistant wrote",
        "share of documents above 95 % of controls",
        [
            Lines(
                "documents that stand out",
                [key[1] for key in bought],
                [[power[key][s] for key in bought] for s in range(seeds)],
            )
        ],
        log_x=True,
        rules=[("no assistant text", 0.05)],
    )
    hands = Figure(
        "first-or-second-hand",
        "Resemblance of the three students",
        "; ".join(f"{label(key)}: {interval(found[key])[0]:.2f}" for key in texts)
        + f"; bought against published {interval(apart)[0]:.2f}",
        "AUROC of the detector, against controls",
        bars=[
            Bars("bought, against controls", "", found["bought", 1.0]),
            Bars("published, against controls", "", found["published", 1.0]),
            Bars(f"{mixed[1]:.0%} of the web, against controls", "", found[mixed]),
            Bars("bought, against published", "", apart),
        ],
        rules=[("cannot tell", 0.5)],
    )
    samples = {f"student of {label(key)}": texts[key][0][0][1] for key in (("bought", 1.0), ("published", 1.0), mixed)}
    record = {
        "controls": len(spoken),
        "texts_a_student": total,
        "steps": steps,
        "documents_a_student": len(read["bought", 1.0][0]),
        "detector": "fast",
    }
    return Result(findings, table, [curve, hands], record, samples)


def taught(data: Tensor, world: World, settings: Settings, steps: int) -> TinyLM:
    """Students of one data set each, (S, N, T), from the starts and in the order that the seeds give."""
    rngs, copy = generators(settings), torch.arange(settings.seeds)[:, None]
    student = TinyLM(len(world.words), LENGTH, width=32, copies=settings.seeds, seed=settings.seed)
    for _, learn in train(student, steps, cool=True):
        text = data[copy, picks(rngs, data.shape[1], 8)]  # (S, B, T)
        learn(objectives.hard(student(text[:, :, :-1]), text[:, :, 1:]))
    return student


def ngram_resemblance(text: str, other: str) -> float:
    """Share of the word pairs and triples of a text that another has too; 0 where there are none."""
    ours, theirs = (ngrams(part) for part in (text, other))
    return len(ours & theirs) / len(ours) if ours else 0.0


def ngrams(text: str) -> set[tuple[str, ...]]:
    """Word pairs and triples of a text, in lower case."""
    words = re.findall(r"[a-z'-]+", text.lower())
    return {tuple(words[k : k + n]) for n in (2, 3) for k in range(len(words) - n + 1)}
