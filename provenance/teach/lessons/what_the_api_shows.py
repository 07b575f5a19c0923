"""Lesson 3. What does an interface show, and what does each way of training need?

Question: which of the objectives of these lessons can be computed from a chat window, from an API that gives some
log-probabilities, from open weights? How much is that in bits, and what else do logits give away?

What is done: a table of access against objectives, the bits that one position brings, and the leak of Carlini et al.: the
logits of a model lie in as many directions as its hidden layer is wide, and singular values count them.

What it does not show: what any firm did or could do from the inside. An API may document up to 20 top log-probabilities
for some chat models; the chat product, and reasoning that is hidden, give none. Terms and interfaces change: look them up.

Papers: Carlini et al. 2024 (2403.06634); Finlayson, Ren, Swayamdipta 2024 (2403.09539).
"""

from __future__ import annotations

import torch

from provenance.teach.draws import generators, shared_generator
from provenance.teach.exposure import ACCESS, bits_a_token, can_train, hidden_directions
from provenance.teach.figures import Bars, Figure, Lines, interval
from provenance.teach.result import Result, finding
from provenance.teach.settings import Settings
from provenance.teach.teachers import SmolTeacher, load_teacher
from provenance.teach.tiny_lm import TinyLM

__all__ = ["run"]


def run(settings: Settings) -> Result:
    """Fill the table of access, count bits, and read the hidden width off the logits."""
    room = load_teacher(settings, "what-the-api-shows")
    teacher = room.teacher
    rngs = generators(settings)

    settings.tell("bits of each kind of access")
    kinds = {"text": 0, "text and top 5": 5, "text and top 20": 20, "full logits": None}
    bits: dict[str, list[float]] = {kind: [] for kind in kinds}
    for rng in rngs:
        tokens = teacher.sample(64 if room.grammar else 8, room.length, rng)
        chances = teacher.chances(tokens).float()  # (B, T, V)
        for kind, shown in kinds.items():
            bits[kind].append(bits_a_token(chances, shown))

    settings.tell("the hidden width, from logits alone")
    widths = (16, 32, 48)
    spectra: dict[str, list[list[float]]] = {}
    counted: dict[str, list[float]] = {}
    for width in widths:
        name = f"width {width}"
        spectra[name], counted[name] = [], []
        for s, rng in enumerate(generators(settings)):
            model = TinyLM(256, 32, width=width, seed=settings.seed + s)
            asked = torch.randint(256, (1, 16, 32), generator=rng)  # (1, B, T): any prompts will do
            with torch.no_grad():
                logits = model(asked)[0].flatten(0, 1)  # (B·T, 256)
            directions, values = hidden_directions(logits)
            counted[name].append(float(directions))
            spectra[name].append((values[:64] / values[0]).clamp_min(1e-9).tolist())
    found = [c / w for w in widths for c in counted[f"width {w}"]]
    if isinstance(teacher, SmolTeacher):
        settings.tell("the hidden width of SmolLM2")
        asked = torch.randint(1000, 20_000, (1, 24 if settings.quick else 700), generator=shared_generator(settings))
        directions, _ = hidden_directions(teacher.logits(asked)[0, :, ::8])  # every eighth token will do
        counted["SmolLM2"] = [float(directions)]

    findings = [
        finding("bits_text", "bits that a position of sampled text brings: its entropy", bits["text"]),
        finding("bits_top20", "bits sent with the top 20 log-probabilities, at 16 a number", bits["text and top 20"]),
        finding("bits_full", f"bits sent with all {teacher.vocabulary:,} logits, at 16 a number", bits["full logits"]),
        finding(
            "width_found",
            "directions counted in the logits, divided by the width of the hidden layer (1: found exactly)",
            found,
        ),
        *(
            finding("width_smollm2", "directions counted in SmolLM2's logits", runs)
            for runs in [counted.get("SmolLM2")]
            if runs
        ),
    ]
    table = [
        {
            "access": access.name,
            **{name: "yes" if possible else "no" for name, possible in can_train(access).items()},
            "where": access.where,
        }
        for access in ACCESS
    ]
    amount = Figure(
        "bits",
        "Bits that are sent for one position of an answer",
        "; ".join(f"{kind}: {interval(runs)[0]:,.0f} bits" for kind, runs in bits.items())
        + ". A sampled token counts its entropy, a log-probability 16 bits and the name of its token.",
        "bits a position",
        bars=[Bars(kind, "", runs) for kind, runs in bits.items()],
    )
    places = [float(k) for k in range(1, 65)]
    leak = Figure(
        "singular-values",
        "Singular values of tables of logits",
        "; ".join(
            f"{w} hidden numbers: the values fall off a cliff after {interval(counted[f'width {w}'])[0]:g}" for w in widths
        ),
        "number of the singular value",
        "size, divided by the largest",
        [Lines(name, places, runs) for name, runs in spectra.items()],
        log_y=True,
    )
    return Result(findings, table, [amount, leak], {"number_bits": 16, "vocabulary_of_the_leak": 256, **room.record})
