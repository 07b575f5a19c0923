"""Lesson 8. When is text enough? And is training on text "distillation" or not?

Question: lesson 1 shows that logits teach faster. Do they teach something that text cannot, however much of it there is?

What is done, three times. By arithmetic: a student that counts n samples of V outcomes is off by (V - 1) / 2n nats, and with
the table of chances by nothing. With students that look one word back and no further, so that they cannot match their
teacher: one counts the words that follow, one averages the tables that it is shown. And with language models that have
room to spare: one reads the text, one sees the full distribution, with fresh text at every step.

What it does not show: that text is always enough. Students with room to spare are still apart at the end of this run. It
shows that what separates the two is how many samples there are. On positions that nobody asked about, neither helps (lesson
4); steps that are not shown are in neither (lesson 5).

On the word. Kim and Rush call training on a teacher's outputs sequence-level distillation; by that use, a model trained on
ChatGPT's answers is distilled. Hinton's use means matching the teacher's distribution; by that use it is not, and a chat
window cannot give what it needs. A claim should say which it means: "it was trained on outputs" is about text and may
be true of half the web's readers; "its logits were copied" needs an interface that gave logits.

Papers: Kim, Rush 2016 (1606.07947); Hinton, Vinyals, Dean 2015 (1503.02531).
"""

from __future__ import annotations

import torch
from torch import Tensor

from provenance.teach import objectives
from provenance.teach.draws import each, generators, shared_generator
from provenance.teach.figures import Figure, Lines, interval
from provenance.teach.grammar import make_grammar
from provenance.teach.result import Result, finding, ratio_finding
from provenance.teach.settings import Settings
from provenance.teach.tiny_lm import TinyLM
from provenance.teach.training import train

__all__ = ["counted_kl", "run", "some_tables"]


def run(settings: Settings) -> Result:
    """Count samples against the closed form, then let two small students read until they meet."""
    if settings.teacher != "tiny":
        from provenance.teach.lessons import when_text_is_enough_smollm2

        return when_text_is_enough_smollm2.run(settings)
    seeds, quick = settings.seeds, settings.quick
    rngs = generators(settings)

    settings.tell("a student that counts")
    outcomes, samples = 16, [20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]
    counted = [[counted_kl(some_tables(outcomes, 50 if quick else 400, rng), n, rng) for n in samples] for rng in rngs]
    theory = [(outcomes - 1) / (2 * n) for n in samples]

    grammar, length, batch = make_grammar(), 24, 16
    fresh = grammar.sample(128, length, shared_generator(settings))
    truth = grammar.truth(fresh)  # (H, T, V)

    settings.tell("students that look one word back")
    budgets = [1_200, 12_000] if quick else [1_200, 12_000, 120_000, 1_200_000]
    simple: dict[str, list[list[float]]] = {"full logits": [], "text": []}
    for rng in rngs:
        met = torch.zeros(len(grammar.words), len(grammar.chances))  # (V, K): word before, state of the teacher
        followed = torch.zeros(len(grammar.words), len(grammar.words))  # (V, V): word before, word drawn
        found: dict[str, list[float]] = {"full logits": [], "text": []}
        read = 0
        for budget in budgets:
            while read < budget:
                text = grammar.sample(min(budget - read, 240_000) // length, length + 1, rng)  # (N, T + 1)
                before, after = text[:, :-1].flatten(), text[:, 1:].flatten()
                one = torch.ones(len(before))
                met.index_put_((before, grammar.states(text[:, :-1]).flatten()), one, accumulate=True)
                followed.index_put_((before, after), one, accumulate=True)
                read += len(before)
            for kind, table in (("full logits", met @ grammar.chances), ("text", followed)):
                chances = (table + 0.01) / (table + 0.01).sum(1, keepdim=True)  # (V, V)
                found[kind].append(float(objectives.kl(truth, chances.log()[fresh]).mean()))
        for kind, run_of_seed in found.items():
            simple[kind].append(run_of_seed)

    steps = 60 if quick else 1_020
    marks = [steps // 60 * k for k in (2, 4, 8, 16, 32, 60)]
    positions = [float(mark * batch * length) for mark in marks]
    roomy: dict[str, list[list[float]]] = {"full logits": [[] for _ in range(seeds)], "text": [[] for _ in range(seeds)]}
    for kind, runs in roomy.items():
        settings.tell(f"language models: {kind}")
        student = TinyLM(len(grammar.words), length, width=12, layers=1, copies=seeds, seed=settings.seed)
        for step, learn in train(student, steps, cool=True):
            text = each(rngs, lambda rng: grammar.sample(batch, length + 1, rng))  # (S, B, T + 1)
            logits = student(text[:, :, :-1])  # (S, B, T, V)
            if kind == "text":
                learn(objectives.hard(logits, text[:, :, 1:]))
            else:
                shown = grammar.truth(text[:, :, :-1].flatten(0, 1)).unflatten(0, (seeds, batch))  # (S, B, T, V)
                learn(objectives.soft(logits, shown))
            if step + 1 in marks:
                with torch.no_grad():
                    distance = objectives.kl(truth, student(fresh.expand(seeds, -1, -1))).mean((1, 2))
                for s in range(seeds):
                    runs[s].append(float(distance[s]))

    def ratios(curves: dict[str, list[list[float]]], mark: int) -> list[float]:
        """Distance of text by that of full logits, seed by seed."""
        return [curves["text"][s][mark] / curves["full logits"][s][mark] for s in range(seeds)]

    tail = [one[-1] / theory[-1] for one in counted]
    said = f"{budgets[-1]:,} positions"
    findings = [
        ratio_finding("closed_form", "KL of the counting student, divided by (V - 1) / 2n, at the most samples", tail),
        ratio_finding(
            "ratio_first",
            f"KL of text, divided by that of full logits, one word back, after {budgets[0]:,} positions",
            ratios(simple, 0),
        ),
        ratio_finding("ratio_last", f"the same after {said}", ratios(simple, -1)),
        ratio_finding("ratio_roomy", f"the same, language models after {positions[-1]:,.0f} positions", ratios(roomy, -1)),
        finding("floor", "KL that students who look one word back end at (nats)", [run[-1] for run in simple["full logits"]]),
    ]
    table = [
        {
            "student": student_kind,
            "positions": f"{x:,.0f}",
            **{kind: _mean([r[i] for r in runs]) for kind, runs in curves.items()},
        }
        for student_kind, places, curves in (("one word back", budgets, simple), ("language model", positions, roomy))
        for i, x in enumerate(places)
    ]
    counting = Figure(
        "counting",
        f"A student that counts: {outcomes} outcomes",
        f"The measured distance falls as one over n, along the line of the closed form; at {samples[-1]:,} samples it is "
        f"{interval([one[-1] for one in counted])[0]:.2g} nats, the closed form says {theory[-1]:.2g}.",
        "samples of the teacher",
        "KL(student || teacher), nats",
        [
            Lines("text: counted samples", [float(n) for n in samples], counted),
            Lines("closed form (V - 1) / 2n", [float(n) for n in samples], [theory] * seeds),
        ],
        log_x=True,
        log_y=True,
    )
    meeting = Figure(
        "meeting",
        "Students that look one word back: text and full logits",
        f"Both fall to their limit and meet. After {said}: "
        + "; ".join(f"{kind} {_mean([run[-1] for run in runs]):.3g} nats" for kind, runs in simple.items()),
        "positions read",
        "KL(teacher || student), nats a position",
        [Lines(kind, [float(b) for b in budgets], runs) for kind, runs in simple.items()],
        log_x=True,
        log_y=True,
    )
    apart = Figure(
        "room-to-spare",
        "Language models with room to spare: text and full logits",
        f"After {positions[-1]:,.0f} positions: "
        + "; ".join(f"{kind} {_mean([run[-1] for run in runs]):.3g} nats" for kind, runs in roomy.items()),
        "positions read, each once",
        "KL(teacher || student), nats a position",
        [Lines(kind, positions, runs) for kind, runs in roomy.items()],
        log_x=True,
        log_y=True,
    )
    record = {"outcomes": outcomes, "steps": steps, "batch": batch, "student_parameters": student.n_parameters()}
    return Result(findings, table, [counting, meeting, apart], record)


def some_tables(outcomes: int, repeats: int, rng: torch.Generator) -> Tensor:
    """Distributions drawn at random, none of their outcomes too rare; shape (R, V)."""
    teacher = torch.rand(repeats, outcomes, generator=rng, dtype=torch.float64) + 0.25
    return teacher / teacher.sum(1, keepdim=True)


def counted_kl(teacher: Tensor, samples: int, rng: torch.Generator) -> float:
    """Mean KL(student || teacher) of students that count samples of a teacher, in nats.

    For many samples it is (V - 1) / 2n: each free number of the table costs half a nat divided by n.

    Parameters
    ----------
    teacher : Tensor of float64, shape (R, V)
        Distributions to average over.
    samples : int
        n.
    rng : torch.Generator
    """
    drawn = torch.multinomial(teacher, samples, replacement=True, generator=rng)  # (R, n)
    ones = torch.ones(drawn.shape, dtype=torch.float64)
    student = torch.zeros_like(teacher).scatter_add_(1, drawn, ones) / samples  # (R, V)
    return float((torch.xlogy(student, student) - torch.xlogy(student, teacher)).sum(1).mean())


def _mean(runs: list[float]) -> float:
    """Mean over seeds, for the table."""
    return round(interval(runs)[0], 4)
