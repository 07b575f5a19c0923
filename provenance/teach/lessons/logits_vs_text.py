"""Lesson 1. The same teacher, the same positions: how much does a student learn from logits, and how much from text?

Question: a student may look at N positions of a teacher. How close does it come if it sees the teacher's whole
distribution at each, a part of it, or only the token that was drawn?

What is done: students of one size buy positions as they go, from 1,250 to 40,000, and train on all that they have bought.
Only what they are shown differs. Distance: KL(teacher || student) on fresh text of the teacher, in nats a position.

What it does not show: how large the gap is for a large model, whose text carries more positions than anyone counts. The
order of the curves is arithmetic; the factor between them is of this teacher, this student and this schedule.

Papers: Hinton, Vinyals, Dean 2015 (1503.02531); Kim, Rush 2016 (1606.07947); Anshumann et al. 2025 (2503.16870).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from provenance.teach import objectives
from provenance.teach.draws import each, generators, picks, shared_generator
from provenance.teach.exposure import frequencies, top_k
from provenance.teach.figures import Figure, Lines, interval
from provenance.teach.grammar import Grammar
from provenance.teach.result import Result, finding, ratio_finding
from provenance.teach.settings import Settings
from provenance.teach.teachers import load_teacher
from provenance.teach.tiny_lm import TinyLM
from provenance.teach.training import train

__all__ = ["TARGETS", "run"]

TARGETS = {
    "full": "full logits",
    "draws": "12 sampled logits",
    "top20 rest": "top 20, rest as one bucket",
    "top20": "top 20, renormalised",
    "top5 rest": "top 5, rest as one bucket",
    "top5": "top 5, renormalised",
    "text": "text, one sample",
    "cool": "text at temperature 0.7",
    "greedy": "greedy text",
}


def run(settings: Settings) -> Result:
    """Train the students of every target and compare their distance to the teacher at every budget."""
    size = load_teacher(settings, "logits-vs-text")
    teacher, length, budgets = size.teacher, size.length, size.budgets
    seeds, steps = settings.seeds, size.steps
    rngs, common = generators(settings), shared_generator(settings)

    settings.tell("the teacher writes")
    texts = budgets[-1] // length
    sampled = each(rngs, lambda rng: teacher.sample(texts, length + 1, rng))  # (S, N, T + 1)
    chances = torch.stack([teacher.chances(own[:, :-1]) for own in sampled])  # (S, N, T, V)
    cool, greedy = (
        torch.stack([teacher.sample(texts, length + 1, rng, own[:, :4], heat) for rng, own in zip(rngs, sampled, strict=True)])
        for heat in (0.7, 0.0)
    )  # each (S, N, T + 1): they begin with four tokens of the sampled texts
    fresh = teacher.sample(size.held, length + 1, common)[:, :-1]  # (H, T)
    fresh_chances = teacher.chances(fresh).float()  # (H, T, V)

    curves: dict[str, list[list[float]]] = {}
    to_truth: dict[str, list[float]] = {}
    for target, label in TARGETS.items():
        settings.tell(f"students of {label}")
        bought = {"cool": cool, "greedy": greedy}.get(target, sampled)
        shown = chances
        if target == "draws":  # drawn once, as one would buy them
            shown = torch.stack([frequencies(own.float(), 12, rng) for own, rng in zip(chances, rngs, strict=True)]).to(chances)
        k = int(target.split()[0][3:]) if target.startswith("top") else None
        student = TinyLM(teacher.vocabulary, length, width=32, copies=seeds, seed=settings.seed)
        copy = torch.arange(seeds)[:, None]

        curves[target] = [[] for _ in range(seeds)]
        for step, learn in train(student, steps):
            owned = max(1, positions_at(step, steps, budgets) // length)
            pick = picks(rngs, owned, size.batch)  # (S, B)
            batch = bought[copy, pick]  # (S, B, T + 1)
            logits = student(batch[:, :, :-1])  # (S, B, T, V)
            if target in ("text", "cool", "greedy"):
                learn(objectives.hard(logits, batch[:, :, 1:]))
            else:
                table = shown[copy, pick].float()  # (S, B, T, V)
                learn(loss_of(target)(logits, top_k(table, k) if k else table))
            if (step + 1) % (steps // len(budgets)) == 0 and len(curves[target][0]) < len(budgets):
                for s, distance in enumerate(distances(student, fresh, fresh_chances)):
                    curves[target][s].append(distance)
        if size.grammar is not None:
            told = size.grammar.sample(size.held, length, torch.Generator().manual_seed(settings.seed + 1))
            to_truth[target] = distances(student, told, size.grammar.truth(told))

    x = [float(budget) for budget in budgets]
    last = {target: [run[-1] for run in curves[target]] for target in TARGETS}
    shares = [crossing(x, curves["full"][s], last["text"][s]) / x[-1] for s in range(seeds)]
    stall = [curves["greedy"][s][-1] / curves["greedy"][s][0] for s in range(seeds)]
    still = [curves["text"][s][-1] / curves["text"][s][-2] for s in range(seeds)]
    stuck = [curves["top5"][s][-1] / curves["top5"][s][-2] for s in range(seeds)]
    findings = [
        ratio_finding("share_needed", f"share of {budgets[-1]:,} positions that full logits need to match text", shares),
        finding("kl_full", f"KL to the teacher at {budgets[-1]:,} positions, full logits (nats)", last["full"]),
        finding("kl_text", f"KL to the teacher at {budgets[-1]:,} positions, sampled text (nats)", last["text"]),
        finding("kl_draws", f"KL to the teacher at {budgets[-1]:,} positions, 12 sampled logits (nats)", last["draws"]),
        ratio_finding("text_keeps_falling", "KL of sampled text after the last doubling, divided by that before it", still),
        ratio_finding("greedy_stalls", "KL of greedy text at the last budget, divided by that at the first", stall),
        finding("floor_top5", f"KL to the teacher at {budgets[-1]:,} positions, top 5 renormalised (nats)", last["top5"]),
        ratio_finding("top5_stalls", "the same, divided by that at half the positions (1 or more: it falls no further)", stuck),
    ]
    table = [
        {
            "target": label,
            **{f"{budget:,}": round(interval([run[i] for run in curves[target]])[0], 3) for i, budget in enumerate(budgets)},
            "95 % interval at the end": "{:.3f} to {:.3f}".format(*interval(last[target])[1:]),
            **({"to the truth": round(interval(to_truth[target])[0], 3)} if to_truth else {}),
        }
        for target, label in TARGETS.items()
    ]
    figure = Figure(
        "kl-by-positions",
        "Distance to the teacher against positions bought",
        f"One line a kind of access. At {budgets[-1]:,} positions they end, in nats a position, at "
        + "; ".join(f"{label} {interval(last[target])[0]:.2g}" for target, label in TARGETS.items())
        + ".",
        "positions of the teacher bought",
        "KL(teacher || student), nats a position",
        [Lines(label, x, curves[target]) for target, label in TARGETS.items()],
        log_x=True,
        log_y=True,
    )
    record = {"steps": steps, "batch": size.batch, "student_parameters": student.n_parameters(), **size.record}
    views = positions_to_see(size.grammar, sampled[0, 0], chances[0, 0]) if size.grammar is not None else []
    return Result(findings, table, [figure], record, teacher.example(sampled[0, 0]), {"positions": views})


def positions_to_see(grammar: Grammar, tokens: Tensor, chances: Tensor) -> list[dict[str, Any]]:
    """Some positions of one text, (T + 1,), with the words so far and the teacher's table, the likeliest words first."""
    views = []
    for t in (2, 3, 5, 8):
        order = chances[t].argsort(descending=True)
        words = [grammar.words[int(k)] for k in order]
        views.append({"so_far": grammar.text(tokens[: t + 1]), "words": words, "chances": chances[t][order].tolist()})
    return views


def loss_of(target: str) -> Callable[[Tensor, Tensor], Tensor]:
    """Loss that a shown table allows."""
    if target.endswith("rest"):
        return objectives.with_rest
    return objectives.renormalised if target.startswith("top") else objectives.soft


def positions_at(step: int, steps: int, budgets: Sequence[int]) -> int:
    """Positions owned at a step: from budget to budget they grow by a constant factor, the first is owned at once."""
    part = steps // len(budgets)
    k = min(step // part, len(budgets) - 1)
    before, after = budgets[max(k - 1, 0)], budgets[k]
    return int(before * (after / before) ** min((step % part + 1) / part, 1.0))


def distances(student: TinyLM, tokens: Tensor, truth: Tensor) -> list[float]:
    """Mean KL(truth || student) of each copy on the same texts, (H, T)."""
    totals = torch.zeros(student.copies)
    with torch.no_grad():
        for part, wanted in zip(tokens.split(64), truth.split(64), strict=True):
            logits = student(part[None].expand(student.copies, -1, -1))  # (S, H, T, V)
            totals += objectives.kl(wanted, logits).sum((1, 2))
    return (totals / tokens.numel()).tolist()


def crossing(x: Sequence[float], y: Sequence[float], level: float) -> float:
    """Where a falling curve first reaches a level, between two budgets by straight lines on logarithms.

    A curve that starts below gives the first budget, one that never comes down infinity.
    """
    for k, value in enumerate(y):
        if value <= level:
            if k == 0:
                return x[0]
            share = math.log(y[k - 1] / level) / math.log(y[k - 1] / value)
            return x[k - 1] * (x[k] / x[k - 1]) ** share
    return math.inf
