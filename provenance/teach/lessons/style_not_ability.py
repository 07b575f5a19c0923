"""Lesson 4. What does a student copy, and what can be seen of it from outside?

Question: a student is trained on answers of an assistant. It soon sounds like the assistant. Does it know what the
assistant knows? And can its style tell whether it was trained on text or on logits?

What is done: a teacher knows what grows in thirty invented places and says so in the manner of an assistant. A student
knows ten of them and talks as people do. It is then trained on the teacher's answers about ten other places: as text, or
with the full logits at the same positions. The last ten it is never asked about, except by a third student, whose
imitation is targeted at them. Four answers make a document, and the project's own detector `fast` scores it.

What it does not show: that imitation never brings ability. It brings what is in the answers. The facts here are lists to
be learnt by heart, so nothing general could have been learnt from some of them about the others, by construction.

Papers: Gudibande et al. 2023 (2305.15717); Sun et al. 2025 (2502.12150); Wadhwa et al. 2025 (2502.06659).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from provenance.teach import objectives
from provenance.teach.chat import LENGTH, World, documents, make_world
from provenance.teach.draws import each, generators, picks, shared_generator
from provenance.teach.figures import Bars, Figure, interval
from provenance.teach.result import Result, finding
from provenance.teach.settings import Settings
from provenance.teach.tiny_lm import TinyLM, generate
from provenance.teach.training import in_parts, train

__all__ = ["auroc", "run", "scores"]

STUDENTS = ("before imitation", "imitates text", "imitates logits", "imitates text, targeted")


def run(settings: Settings) -> Result:
    """Train teacher and students; measure manner, knowledge and what the detector says."""
    seeds, quick = settings.seeds, settings.quick
    rng, rngs = shared_generator(settings), generators(settings)
    world = make_world(settings.seed)
    asked, never, own = (world.groups[name] for name in ("asked", "never asked", "own"))

    settings.tell("the teacher is trained")
    teacher = TinyLM(len(world.words), LENGTH, width=48, seed=7 + settings.seed)

    for _, learn in train(teacher, 40 if quick else 500, cool=True):
        text = world.write(asked + never + own, 16, rng)[None]  # (1, B, T)
        learn(objectives.hard(teacher(text[:, :, :-1]), text[:, :, 1:]))

    settings.tell("students before imitation")
    base = TinyLM(len(world.words), LENGTH, width=32, copies=seeds, seed=settings.seed)
    diary = each(rngs, lambda its: world.write(own, 256, its, "people"))  # (S, N, T)
    copy = torch.arange(seeds)[:, None]

    for _, learn in train(base, 30 if quick else 240, cool=True):
        text = diary[copy, picks(rngs, 256, 8)]  # (S, B, T)
        learn(objectives.hard(base(text[:, :, :-1]), text[:, :, 1:]))

    settings.tell("the teacher answers")
    bought: dict[str, Tensor] = {}
    per_place = 4 if quick else 25
    for name, places in (("asked", asked), ("all", asked + never)):
        questions = world.prompts(places * per_place)[None]  # (1, N, 5)
        bought[name] = torch.cat([generate(teacher, questions, LENGTH, its) for its in rngs])  # (S, N, T)

    grown = {"before imitation": base}
    for name in STUDENTS[1:]:
        settings.tell(f"a student {name}")
        student = TinyLM(len(world.words), LENGTH, width=32, copies=seeds, seed=settings.seed)
        student.load_state_dict(base.state_dict())
        texts = bought["all" if "targeted" in name else "asked"]

        for _, learn in train(student, 30 if quick else 400, cool=True):
            text = texts[copy, picks(rngs, texts.shape[1], 8)]  # (S, B, T)
            logits = student(text[:, :, :-1])  # (S, B, T - 1, V)
            if "logits" in name:
                shown = in_parts(teacher, text.flatten(0, 1)[None, :, :-1])[0].unflatten(0, (seeds, 8))
                learn(objectives.soft(logits, shown))
            else:
                learn(objectives.hard(logits, text[:, :, 1:]))
        grown[name] = student

    settings.tell("all of them answer, and the detector reads")
    answers_of = {name: answers(world, model, asked + never, 4 if quick else 8, rngs) for name, model in grown.items()}
    answers_of["teacher"] = answers(world, teacher, asked + never, 4 if quick else 8, [rng])
    people = [world.answer(text) for text in world.write(asked + never, 160, rng, "people")]
    manner, known, unknown, read = {}, {}, {}, {}
    for name, runs in answers_of.items():
        manner[name] = [mean([world.manner(text) for _, text in one]) for one in runs]
        known[name] = [mean([world.knows(text, place) for place, text in one if place in asked]) for one in runs]
        unknown[name] = [mean([world.knows(text, place) for place, text in one if place in never]) for one in runs]
        read[name] = [scores(documents([text for _, text in one])) for one in runs]
    human = scores(documents(people))
    found = {name: [auroc(one, human) for one in runs] for name, runs in read.items()}
    apart = [auroc(a, b) for a, b in zip(read["imitates logits"], read["imitates text"], strict=True)]
    distance = {name: to_teacher(grown[name], teacher, bought["asked"][:, :32]) for name in STUDENTS[1:3]}

    text = STUDENTS[1]
    teacher_manner = mean(manner["teacher"])
    findings = [
        finding(
            "style_share",
            "marks of the teacher's manner, the text student's divided by the teacher's",
            [v / teacher_manner for v in manner[text]],
        ),
        finding("ability_untargeted", "accuracy on facts never asked about, text student (chance 0.1)", unknown[text]),
        finding("ability_targeted", "accuracy on the same facts after targeted imitation", unknown[STUDENTS[3]]),
        finding("ability_teacher", "accuracy of the teacher on the same facts", unknown["teacher"]),
        finding("detector_before", "AUROC of the detector against people's answers, before imitation", found[STUDENTS[0]]),
        finding("detector_text", "AUROC of the detector against people's answers, text student", found[text]),
        finding("detector_logits", "AUROC of the detector against people's answers, logit student", found[STUDENTS[2]]),
        finding("text_or_logits", "AUROC of the detector between logit student and text student (0.5: cannot tell)", apart),
        finding("kl_text", "KL to the teacher, text student (nats a position; needs the logits of both)", distance[text]),
        finding("kl_logits", "KL to the teacher, logit student", distance[STUDENTS[2]]),
    ]
    order = (*STUDENTS, "teacher")
    table = [
        {
            "model": name,
            "manner": round(interval(manner[name])[0], 3),
            "facts asked about": round(interval(known[name])[0], 3),
            "facts never asked": round(interval(unknown[name])[0], 3),
            "detector AUROC": round(interval(found[name])[0], 3),
        }
        for name in order
    ]
    figure = Figure(
        "style-and-ability",
        "What imitation brings",
        "Three bars a model: share of the assistant's marks, facts that the answers held, facts that they did not. "
        + "; ".join(
            f"{n}: {interval(manner[n])[0]:.0%}, {interval(known[n])[0]:.0%}, {interval(unknown[n])[0]:.0%}" for n in order
        ),
        "share",
        bars=[
            Bars(name, series, values[name])
            for name in order
            for series, values in (
                ("manner of the teacher", manner),
                ("facts asked about", known),
                ("facts never asked about", unknown),
            )
        ],
        rules=[("chance", 0.1)],
    )
    seen = Figure(
        "what-the-detector-sees",
        "What the detector sees from outside",
        f"Against people: before imitation {interval(found[STUDENTS[0]])[0]:.2f}, text student {interval(found[text])[0]:.2f}, "
        f"logit student {interval(found[STUDENTS[2]])[0]:.2f}. Logit student against text student: {interval(apart)[0]:.2f}.",
        "AUROC of the detector",
        bars=[
            Bars("before imitation, against people", "", found[STUDENTS[0]]),
            Bars("text student, against people", "", found[text]),
            Bars("logit student, against people", "", found[STUDENTS[2]]),
            Bars("logit student, against text student", "", apart),
        ],
        rules=[("cannot tell", 0.5)],
    )
    samples = {name: answers_of[name][0][0][1] for name in order} | {"people": people[0]}
    record = {
        "answers_a_place": per_place,
        "student_parameters": base.n_parameters(),
        "documents": len(human),
        "detector": "fast",
    }
    return Result(findings, table, [figure, seen], record, samples)


def answers(
    world: World, model: TinyLM, places: list[int], times: int, rngs: Sequence[torch.Generator]
) -> list[list[tuple[int, str]]]:
    """Ask each copy about each place some times; a list a copy, of place and answer, places in turn."""
    order = places * times
    prompts = world.prompts(order)[None].expand(model.copies, -1, -1)  # (S, N, 5)
    texts = generate(model, prompts, LENGTH, rngs)  # (S, N, T)
    return [[(place, world.answer(text)) for place, text in zip(order, one, strict=True)] for one in texts]


def scores(texts: list[str]) -> list[float]:
    """Scores by the project's own detector `fast`; higher is more machine-like."""
    from provenance import load_detector

    return [-99.0 if found.score is None else float(found.score) for found in load_detector("fast").score(texts)]


def auroc(high: list[float], low: list[float]) -> float:
    """Chance that a value of the first list is above one of the second, ties counted half."""
    above = sum((a > b) + 0.5 * (a == b) for a in high for b in low)
    return above / (len(high) * len(low))


@torch.no_grad()
def to_teacher(student: TinyLM, teacher: TinyLM, texts: Tensor) -> list[float]:
    """Mean KL(teacher || student) of each copy on texts of shape (S, N, T), over the positions of the answers."""
    chances = in_parts(teacher, texts.flatten(0, 1)[None])[0].unflatten(0, texts.shape[:2])  # (S, N, T, V)
    found: list[float] = objectives.kl(chances, student(texts))[:, :, 5:].mean((1, 2)).tolist()
    return found


def mean(values: list[float] | list[bool]) -> float:
    """Plain mean."""
    return sum(values) / len(values)
