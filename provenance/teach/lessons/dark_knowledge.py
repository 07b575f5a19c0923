"""Lesson 2. What is in a soft label? A student learns a digit that it was never shown.

Question: one digit is taken out of the training images of a student. It gets the other nine, labelled by a teacher that
knows all ten: with the name of the digit (hard), or with all ten probabilities (soft). Does it recognise the tenth?

What is done: scikit-learn's 1,797 handwritten digits of 8 by 8 dots. For every seed, ten students of each kind are trained,
each without another digit, and tested on images that neither they nor the teacher have seen.

What it does not show: anything about language models by itself. It shows what full distributions carry besides the
answer, which is why people want them, and why text, which is one hard label a token, is another thing.

Papers: Hinton, Vinyals, Dean 2015 (1503.02531); Müller, Kornblith, Hinton 2019 (1906.02629).
"""

from __future__ import annotations

import torch
from torch import Tensor

from provenance.teach.figures import Bars, Figure, interval
from provenance.teach.result import Result, finding
from provenance.teach.settings import Settings

__all__ = ["calibration_error", "run"]

KINDS = {"hard": "hard labels", "soft1": "soft labels, temperature 1", "soft4": "soft labels, temperature 4"}
DIGITS = 10


def run(settings: Settings) -> Result:
    """Train teachers and students on digits, and count what the students know of the digit they never saw."""
    from sklearn.datasets import load_digits

    pixels, names = load_digits(return_X_y=True)
    images, labels = torch.tensor(pixels, dtype=torch.float32) / 8 - 1, torch.tensor(names)  # (1797, 64), (1797,)
    steps = 40 if settings.quick else 250
    recall: dict[str, list[float]] = {kind: [] for kind in KINDS}
    helped: dict[str, list[float]] = {kind: [] for kind in KINDS}
    others: dict[str, list[float]] = {kind: [] for kind in KINDS}
    error: dict[str, list[float]] = {kind: [] for kind in KINDS}
    spread: dict[str, list[float]] = {kind: [] for kind in KINDS}
    teachers = []
    for seed in range(settings.seed, settings.seed + settings.seeds):
        settings.tell(f"students of seed {seed}")
        rng = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(images), generator=rng)
        train, test = order[:1200], order[1200:]
        teacher = Network(64, 1, rng)
        teacher.fit(images[train][None], one_hot(labels[train])[None], torch.ones(1, len(train)), steps)
        logits = teacher(images[train][None])[0].detach()  # (N, 10)
        teachers.append(float((teacher(images[test][None])[0].argmax(-1) == labels[test]).float().mean()))
        allowed = (labels[train][None] != torch.arange(DIGITS)[:, None]).float()  # (10, N): student d sees no digit d
        many = images[train].expand(DIGITS, -1, -1)  # (10, N, 64)
        for kind in KINDS:
            heat = 4.0 if kind == "soft4" else 1.0
            target = one_hot(logits.argmax(-1)) if kind == "hard" else (logits / heat).softmax(-1)
            student = Network(24, DIGITS, rng)
            student.fit(many, target.expand(DIGITS, -1, -1), allowed, steps, heat)
            with torch.no_grad():
                seen, answers = student(many), student(images[test].expand(DIGITS, -1, -1))  # (10, N, 10)
            mine = torch.arange(DIGITS)
            lift = bias_for(seen, labels[train])  # (10,): found on the training images, used on the test
            lifted = answers.clone()
            lifted[mine, :, mine] += lift[:, None]
            is_new = labels[test][None] == mine[:, None]  # (10, M)
            recall[kind].append(float((answers.argmax(-1) == mine[:, None])[is_new].float().mean()))
            helped[kind].append(float((lifted.argmax(-1) == mine[:, None])[is_new].float().mean()))
            others[kind].append(float((lifted.argmax(-1) == labels[test])[~is_new].float().mean()))
            known = answers[~is_new].softmax(-1)
            error[kind].append(calibration_error(known, labels[test].expand(DIGITS, -1)[~is_new]))
            spread[kind].append(float(torch.special.entr(known).sum(-1).mean()))

    findings = [
        finding("recall_hard", "recall of the digit never seen, hard labels", helped["hard"]),
        finding("recall_soft", "recall of the digit never seen, soft labels at temperature 4", helped["soft4"]),
        finding(
            "others_soft", "accuracy on the other nine digits with the same lift, soft labels at temperature 4", others["soft4"]
        ),
        finding("recall_soft_raw", "the same recall without lifting the digit's bias", recall["soft4"]),
        finding("calibration_hard", "calibration error on known digits, hard labels", error["hard"]),
        finding("calibration_soft", "calibration error on known digits, soft labels at temperature 1", error["soft1"]),
        finding("teacher", "accuracy of the teacher", teachers),
    ]
    table = [
        {
            "student sees": label,
            "recall of the unseen digit": round(interval(helped[kind])[0], 3),
            "without lifting its bias": round(interval(recall[kind])[0], 3),
            "accuracy on the other nine": round(interval(others[kind])[0], 3),
            "calibration error": round(interval(error[kind])[0], 4),
            "entropy (nats)": round(interval(spread[kind])[0], 3),
        }
        for kind, label in KINDS.items()
    ]
    figure = Figure(
        "recall",
        "Recall of a digit that the student never saw",
        "; ".join(
            f"{label}: {interval(helped[kind])[0]:.0%}, and {interval(others[kind])[0]:.0%} on the other nine digits"
            for kind, label in KINDS.items()
        ),
        "share recognised",
        bars=[
            Bars(label, series, values[kind])
            for kind, label in KINDS.items()
            for series, values in (("digit never seen", helped), ("the other nine", others))
        ],
        rules=[("guessing", 0.1)],
    )
    record = {"steps": steps, "training_images": 1200, "test_images": len(images) - 1200, "students_a_kind_and_seed": DIGITS}
    return Result(findings, table, [figure], record)


class Network:
    """`copies` networks of one hidden layer, side by side."""

    def __init__(self, width: int, copies: int, rng: torch.Generator) -> None:
        shapes = ((64, width), (1, width), (width, DIGITS), (1, DIGITS))
        self.weights = [
            (torch.randn(copies, rows, columns, generator=rng) * (rows**-0.5 if rows > 1 else 0)).requires_grad_()
            for rows, columns in shapes
        ]

    def __call__(self, images: Tensor) -> Tensor:
        """Logits of images, (S, N, 64) to (S, N, 10)."""
        first, bias, second, shift = self.weights
        return torch.baddbmm(shift, torch.baddbmm(bias, images, first).relu(), second)

    def fit(self, images: Tensor, target: Tensor, weight: Tensor, steps: int, heat: float = 1.0) -> None:
        """Bring the output at temperature `heat` close to a target, (S, N, 10); `weight`, (S, N), leaves images out."""
        optimiser = torch.optim.Adam(self.weights, lr=0.02)
        for _ in range(steps):
            losses = -(target * (self(images) / heat).log_softmax(-1)).sum(-1) * heat**2  # (S, N)
            optimiser.zero_grad()
            ((losses * weight).sum(1) / weight.sum(1)).sum().backward()
            optimiser.step()


def one_hot(labels: Tensor) -> Tensor:
    """Hard labels as distributions, (N,) to (N, 10)."""
    return torch.nn.functional.one_hot(labels, DIGITS).float()


def bias_for(logits: Tensor, labels: Tensor) -> Tensor:
    """Smallest lift, of 0 to 12, that makes student d right most often on training images of all digits, d included.

    A student without a digit in its data learns that it is rare. Hinton et al. raise the bias of the digit for that reason
    and choose by the test; here the choice is made on training images.
    """
    lifts = torch.linspace(0, 12, 25)
    right = []
    for lift in lifts:
        lifted = logits + lift * torch.eye(DIGITS)[:, None]  # (10, N, 10)
        right.append((lifted.argmax(-1) == labels).float().mean(1))
    return lifts[torch.stack(right).argmax(0)]


def calibration_error(chances: Tensor, labels: Tensor, bins: int = 10) -> float:
    """Expected calibration error: how far confidence lies from accuracy, in bins of confidence, weighted by size.

    Parameters
    ----------
    chances : Tensor, shape (N, C)
    labels : Tensor of int64, shape (N,)
    bins : int
    """
    confidence, chosen = chances.max(-1)
    right = (chosen == labels).float()
    place = (confidence * bins).long().clamp_max(bins - 1)
    gaps = torch.zeros(bins).scatter_add_(0, place, confidence - right)
    return float(gaps.abs().sum() / len(labels))
