"""Lesson 5. The answer shows the answer. Can a student learn to reason from it?

Question: a teacher works out the parity of a row of bits step by step, and its answer is one token. A student sees either
the answers or the steps too. Same size, same budget. Which of them can do it on rows that it has never seen?

What is done: the row is twelve bits. With steps, the student reads the running parity after each bit and then the answer;
without, the answer alone. Two controls: the same number of examples, and the same number of tokens (answers are
shorter, so more of them fit). A third gives filler dots instead of steps: as many tokens a text, but no reasoning in them.

What it does not show: that answers can never be enough. Answers alone were not enough for this student at this budget.
Other ways exist: reinforcement learning with rewards that can be checked, auxiliary losses, far larger budgets, curricula.

Papers: Wei et al. 2022 (2201.11903); Wies, Levine, Shashua 2023 (2204.02892); Abbe et al. 2024 (2406.06467);
Pfau, Merrill, Bowman 2024 (2404.15758); DeepSeek-AI 2025 (2501.12948).
"""

from __future__ import annotations

import torch
from torch import Tensor

from provenance.teach.draws import generators, picks, shared_generator
from provenance.teach.figures import Bars, Figure, Lines, interval
from provenance.teach.objectives import hard
from provenance.teach.result import Result, finding
from provenance.teach.settings import Settings
from provenance.teach.tiny_lm import TinyLM, generate
from provenance.teach.training import train

__all__ = ["run", "written"]

ZERO, ONE, START, EQUALS, DOT = range(5)
WAYS = {
    "steps": "steps and answer",
    "answer": "answer only, as many examples",
    "answer tokens": "answer only, as many tokens",
    "dots": "filler dots and answer",
}


def run(settings: Settings) -> Result:
    """Train a student of each way on the same rows, and test it on rows that none has seen."""
    bits, steps, batch = (8, 60, 32) if settings.quick else (12, 700, 32)
    seeds = settings.seeds
    # Every row of bits there is, shuffled: the last ones are held out, so no test row was ever an example.
    rows = torch.randperm(2**bits, generator=shared_generator(settings))
    held = rows[-(2**bits // 8) :][:512]
    known = rows[: -(2**bits // 8)]

    accuracy: dict[str, list[list[float]]] = {way: [[] for _ in range(seeds)] for way in WAYS}
    seen_tokens = {}
    marks = [steps * k // 10 for k in range(1, 11)]
    for way, label in WAYS.items():
        settings.tell(f"students of {label}")
        sample = written(known[:1], bits, way)
        examples = batch if way != "answer tokens" else batch * written(known[:1], bits, "steps").shape[1] // sample.shape[1]
        rngs = generators(settings)  # the same rows in the same order for every way
        student = TinyLM(5, 2 * bits + 3, width=48, copies=seeds, seed=settings.seed)

        for step, learn in train(student, steps, rate=3e-3):
            pick = known[picks(rngs, len(known), examples)]  # (S, B)
            text = written(pick.flatten(), bits, way).unflatten(0, (seeds, examples))  # (S, B, T + 1)
            logits = student(text[:, :, :-1])[:, :, bits + 1 :]  # (S, B, T - bits - 1, V): bits are given, not learnt
            learn(hard(logits, text[:, :, bits + 2 :]))
            if step + 1 in marks:
                for s, share in enumerate(right(student, held, bits, way)):
                    accuracy[way][s].append(share)
        seen_tokens[way] = steps * examples * sample.shape[1]

    last = {way: [run[-1] for run in accuracy[way]] for way in WAYS}
    findings = [
        finding("with_steps", "accuracy on unseen rows, trained on steps and answers", last["steps"]),
        finding("same_examples", "accuracy on unseen rows, answers only, as many examples", last["answer"]),
        finding("same_tokens", "accuracy on unseen rows, answers only, as many tokens", last["answer tokens"]),
        finding("filler_dots", "accuracy on unseen rows, filler dots instead of steps", last["dots"]),
    ]
    table = [
        {
            "student sees": label,
            "examples": steps * batch if way != "answer tokens" else seen_tokens[way] // written(known[:1], bits, way).shape[1],
            "tokens": seen_tokens[way],
            "accuracy": round(interval(last[way])[0], 3),
            "95 % interval": "{:.3f} to {:.3f}".format(*interval(last[way])[1:]),
        }
        for way, label in WAYS.items()
    ]
    bars = Figure(
        "accuracy",
        f"Parity of {bits} bits on rows that no student has seen",
        "Right answers: "
        + "; ".join(f"{label} {interval(last[way])[0]:.0%}" for way, label in WAYS.items())
        + "; guessing 50 %.",
        "share of answers that are right",
        bars=[Bars(label, "", last[way]) for way, label in WAYS.items()],
        rules=[("guessing", 0.5)],
    )
    curves = Figure(
        "accuracy-by-steps",
        "The same, as training goes on",
        "Lines over training steps; at the end: "
        + "; ".join(f"{label} {interval(last[way])[0]:.0%}" for way, label in WAYS.items()),
        "training steps",
        "share of answers that are right",
        [Lines(label, [float(mark) for mark in marks], accuracy[way]) for way, label in WAYS.items()],
        rules=[("guessing", 0.5)],
    )
    shown = {label: spelt(written(held[:1], bits, way)[0]) for way, label in WAYS.items() if way != "answer tokens"}
    record = {
        "bits": bits,
        "steps": steps,
        "batch": batch,
        "student_parameters": student.n_parameters(),
        "test_rows": len(held),
    }
    return Result(findings, table, [bars, curves], record, shown)


def written(rows: Tensor, bits: int, way: str) -> Tensor:
    """Texts about some rows.

    Parameters
    ----------
    rows : Tensor of int64, shape (N,)
        Numbers whose binary digits are the rows.
    bits : int
    way : str
        ``steps``: start, bits, '=', running parities, '=', answer; ``dots``: the same with dots for the parities;
        anything else: start, bits, '=', answer.

    Returns
    -------
    Tensor of int64, shape (N, T + 1)
    """
    digits = (rows[:, None] >> torch.arange(bits)) & 1  # (N, bits)
    running = digits.cumsum(1) % 2  # (N, bits)
    start, equals = (torch.full((len(rows), 1), token) for token in (START, EQUALS))
    parts = [start, digits, equals]
    if way in ("steps", "dots"):
        parts += [running if way == "steps" else torch.full_like(digits, DOT), equals]
    return torch.cat([*parts, running[:, -1:]], 1)


@torch.no_grad()
def right(student: TinyLM, rows: Tensor, bits: int, way: str) -> list[float]:
    """Share of rows that each copy answers rightly; it writes its own steps, the likeliest token each time."""
    text = written(rows, bits, way)  # (N, T + 1)
    prompts = text[:, : bits + 2].expand(student.copies, -1, -1)  # (S, N, bits + 2)
    tokens = generate(student, prompts, text.shape[1], torch.Generator(), temperature=0)  # (S, N, T + 1)
    correct: list[float] = (tokens[:, :, -1] == text[:, -1]).float().mean(1).tolist()
    return correct


def spelt(tokens: Tensor) -> str:
    """One text as signs."""
    return "".join("01^=."[int(token)] for token in tokens).lstrip("^")
