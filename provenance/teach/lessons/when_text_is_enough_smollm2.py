"""Lesson 8 with a real teacher: how many samples does a table of 49,152 chances need?

What is done, twice. Students that count draws at one position of SmolLM2, against the closed form (V - 1) / 2n, which
holds where n is far above V. And students that look at no word at all, so that they cannot match their teacher: one
counts the tokens of its text, one averages the tables that it is shown.

What it does not show: where a language model with room to spare would end. Over this vocabulary such a student
learns for hours; lesson 1 with this teacher shows the beginning.
"""

from __future__ import annotations

import torch
from torch import Tensor

from provenance.teach import objectives
from provenance.teach.draws import generators, shared_generator
from provenance.teach.figures import Figure, Lines, interval
from provenance.teach.lessons.when_text_is_enough import counted_kl
from provenance.teach.result import Result, finding, ratio_finding
from provenance.teach.settings import Settings
from provenance.teach.teachers import Teacher, load_teacher

__all__ = ["run"]


def run(settings: Settings) -> Result:
    """Count samples of real tables, and let students of no context read until they meet."""
    room, quick = load_teacher(settings, "when-text-is-enough"), settings.quick
    teacher, length, size = room.teacher, room.length, room.teacher.vocabulary

    settings.tell("a student that counts")
    samples = [20, 100, 500, 2_000] if quick else [20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]
    counted = []
    for rng in generators(settings):
        logits = teacher.logits(teacher.sample(2 if quick else 8, length, rng))[:, 3::7].flatten(0, 1)  # (R, V)
        tables = logits.double().softmax(-1)  # (R, V)
        counted.append([counted_kl(tables, n, rng) for n in samples])
    count = [2 * samples[-1] * run[-1] + 1 for run in counted]

    settings.tell("students that look at no word")
    fresh = teacher.chances(teacher.sample(4 if quick else 24, length, shared_generator(settings))).float()  # (H, T, V)
    budgets = [96, 192] if quick else [240, 960, 3_840]
    curves: dict[str, list[list[float]]] = {"full logits": [], "text": []}
    for rng in generators(settings):
        found = read_on(teacher, fresh, budgets, length, rng)
        for kind, run_of_seed in found.items():
            curves[kind].append(run_of_seed)

    last = {kind: [run[-1] for run in runs] for kind, runs in curves.items()}
    apart = [[a[i] / b[i] for a, b in zip(curves["text"], curves["full logits"], strict=True)] for i in (0, -1)]
    findings = [
        finding("outcomes", f"tokens that the counting student pays for at {samples[-1]:,} samples, 2n KL + 1", count),
        ratio_finding("ratio_first", f"KL of text, divided by that of full logits, after {budgets[0]:,} positions", apart[0]),
        ratio_finding("ratio_last", f"the same after {budgets[-1]:,} positions", apart[1]),
        finding("floor", "KL that students who look at no word end at, full logits (nats)", last["full logits"]),
    ]
    rows = [
        {kind: round(interval([run[i] for run in runs])[0], 4) for kind, runs in curves.items()} for i in range(len(budgets))
    ]
    table = [{"positions": f"{budget:,}", **row} for budget, row in zip(budgets, rows, strict=True)]
    counting = Figure(
        "counting",
        f"A student that counts draws of one table of SmolLM2: {size:,} outcomes",
        f"The distance falls more slowly than one over n, and lies below the closed form, which wants n far above {size:,}; "
        f"at {samples[-1]:,} samples it is {interval([run[-1] for run in counted])[0]:.2g} nats.",
        "samples of the teacher",
        "KL(student || teacher), nats",
        [
            Lines("text: counted samples", [float(n) for n in samples], counted),
            Lines(
                "closed form (V - 1) / 2n",
                [float(n) for n in samples],
                [[(size - 1) / (2 * n) for n in samples]] * len(counted),
            ),
        ],
        log_x=True,
        log_y=True,
    )
    meeting = Figure(
        "meeting",
        "Students that look at no word: text and full logits of SmolLM2",
        f"After {budgets[-1]:,} positions: " + "; ".join(f"{kind} {interval(runs)[0]:.3g} nats" for kind, runs in last.items()),
        "positions read",
        "KL(teacher || student), nats a position",
        [Lines(kind, [float(budget) for budget in budgets], runs) for kind, runs in curves.items()],
        log_x=True,
        log_y=True,
    )
    return Result(findings, table, [counting, meeting], {"tables_a_seed": len(tables), **room.record})


def read_on(teacher: Teacher, fresh: Tensor, budgets: list[int], length: int, rng: torch.Generator) -> dict[str, list[float]]:
    """Distance to fresh tables, (H, T, V), at each budget, of a student that averages tables and of one that counts tokens."""
    met, followed = torch.zeros(teacher.vocabulary), torch.zeros(teacher.vocabulary)  # each (V,)
    found: dict[str, list[float]] = {"full logits": [], "text": []}
    read = 0
    for budget in budgets:
        while read < budget:
            text = teacher.sample(min(budget - read, 480) // length, length + 1, rng)  # (N, T + 1)
            met += teacher.chances(text[:, :-1]).float().sum((0, 1))
            followed += torch.bincount(text[:, 1:].flatten(), minlength=teacher.vocabulary)
            read += text[:, 1:].numel()
        for kind, table in (("full logits", met), ("text", followed)):
            even = 1 / teacher.vocabulary  # one position's worth of every token alike, so that none is impossible
            log_chances = ((table + even) / (table + even).sum()).log()  # (V,)
            found[kind].append(float(torch.stack([objectives.kl(part, log_chances).mean() for part in fresh]).mean()))
    return found
