"""Lesson 6. Teacher and student cut text differently. What is left of logits?

Question: a teacher gives logits over its own vocabulary. A student has another one. Can the student use them?

What is done: the teacher's tokens are words, the student's are pieces of words, learnt by byte-pair encoding. We count at
how many of the student's positions the teacher has a distribution at all, and how many of their tokens are the same string.
Then students learn from 10,000 positions of the teacher: one with the teacher's vocabulary, by text and by full
logits; one with its own, by text, and by text with universal logit distillation (ULD), which compares sorted
probabilities, position by position or only where both begin a word. All are measured in bits a letter, which no
vocabulary changes.

What it does not show: that no loss across tokenizers can work. Newer ones align spans of text and map probabilities; each
adds assumptions. Text needs none, which is why it is what people use.

Papers: Boizard et al. 2024 (2402.12030); Sennrich, Haddow, Birch 2016 (1508.07909); Minixhofer et al. 2025 (2503.20083).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from provenance.teach import objectives
from provenance.teach.draws import each, generators, picks, shared_generator
from provenance.teach.figures import Bars, Figure, interval
from provenance.teach.grammar import Grammar, make_grammar
from provenance.teach.pieces import Pieces, learn_pieces
from provenance.teach.result import Result, finding
from provenance.teach.settings import Settings
from provenance.teach.teachers import load_teacher
from provenance.teach.tiny_lm import TinyLM
from provenance.teach.training import train

__all__ = ["led", "paid", "piece_losses", "run", "widened"]

PIECES_A_WORD = 4
"""Room for that many pieces a word, so that a student's size does not hang on the texts that it was dealt."""

STUDENTS = {
    "logits": "one vocabulary, full logits",
    "text": "one vocabulary, text",
    "pieces": "two vocabularies, text",
    "uld": "two vocabularies, text and ULD by position",
    "uld starts": "two vocabularies, text and ULD at word starts",
}


def run(settings: Settings) -> Result:
    """Count what aligns, and train the five students."""
    if settings.teacher != "tiny":
        from provenance.teach.lessons import two_tokenizers_smollm2

        return two_tokenizers_smollm2.run(settings)
    room, grammar = load_teacher(settings, "two-tokenizers"), make_grammar()
    teacher, length, seeds = room.teacher, room.length, settings.seeds
    rngs, common = generators(settings), shared_generator(settings)
    texts, steps, batch = (48, 40, 8) if settings.quick else (416, 240, 8)

    settings.tell("the teacher writes, and its text is cut twice")
    words = each(rngs, lambda rng: teacher.sample(texts, length + 1, rng))  # (S, N, T + 1)
    fresh, apart = teacher.sample(128, length + 1, common), teacher.sample(400, length + 1, common)
    # Learnt from other texts of the teacher; every word that it may ever say is in, so that none is without a cut.
    pieces = learn_pieces([word for row in apart for word in spelling(grammar, row)] + list(grammar.words), merges=60)
    cut, starts = both(pieces, grammar, words.flatten(0, 1))  # (S·N, L), (S·N, T)
    fresh_cut, _ = both(pieces, grammar, fresh)
    long = max(PIECES_A_WORD * length, cut.shape[1], fresh_cut.shape[1])
    cut, fresh_cut = widened(cut, long), widened(fresh_cut, long)
    letters = sum(len(word) + 1 for row in fresh for word in spelling(grammar, row))
    aligned = [float(length * texts / (cut[s * texts : (s + 1) * texts] >= 0).sum()) for s in range(seeds)]
    common = len(set(pieces.names) & {" " + word for word in grammar.words}) / len(grammar.words)

    chances = torch.stack([teacher.chances(own[:, :-1]) for own in words])  # (S, N, T, V)
    cut, starts = cut.unflatten(0, (seeds, texts)), starts.unflatten(0, (seeds, texts))
    copy = torch.arange(seeds)[:, None]
    bits: dict[str, list[float]] = {}
    for kind, label in STUDENTS.items():
        settings.tell(f"students: {label}")
        own = kind not in ("logits", "text")
        size, room_for = (len(pieces.names) + 1, long) if own else (teacher.vocabulary, length)
        student = TinyLM(size, room_for, width=32, copies=seeds, seed=settings.seed)
        for _, learn in train(student, steps):
            pick = picks(rngs, texts, batch)  # (S, B)
            if not own:
                text = words[copy, pick]  # (S, B, T + 1)
                logits = student(text[:, :, :-1])  # (S, B, T, V)
                shown = chances[copy, pick]  # (S, B, T, V)
                learn(objectives.soft(logits, shown) if kind == "logits" else objectives.hard(logits, text[:, :, 1:]))
                continue
            text = cut[copy, pick]  # (S, B, L): -1 where the text has ended
            logits = student(led(text, size))  # (S, B, L, W + 1)
            losses = piece_losses(logits, text)  # (S, B, L)
            loss = losses.sum((1, 2)) / (text >= 0).sum((1, 2))  # (S,)
            if kind == "uld":  # as published: the first position with the first, and so on to the shorter end
                loss = loss + objectives.uld(logits[:, :, :length], chances[copy, pick])
            elif kind == "uld starts":  # only where the teacher, too, is about to begin a word
                where = starts[copy, pick][..., None].expand(-1, -1, -1, size)  # (S, B, T, W + 1)
                loss = loss + objectives.uld(logits.gather(2, where), chances[copy, pick])
            learn(loss)
        with torch.no_grad():
            if own:
                every = fresh_cut.expand(seeds, -1, -1)  # (S, H, L)
                nats = piece_losses(student(led(every, size)), every).sum((1, 2))
            else:
                every = fresh.expand(seeds, -1, -1)
                nats = objectives.hard(student(every[:, :, :-1]), every[:, :, 1:]) * fresh[:, 1:].numel()
        bits[kind] = (nats / letters / math.log(2)).tolist()
    best = float(-teacher.chances(fresh[:, :-1]).gather(2, fresh[:, 1:, None]).log().sum()) / letters / math.log(2)

    findings = [
        finding("aligned", "share of the student's positions at which the teacher has a distribution", aligned),
        finding("common", "share of the teacher's words that are also one piece of the student's", [common]),
        *(finding(kind, f"bits a letter on fresh text: {label}", bits[kind]) for kind, label in STUDENTS.items()),
        finding("teacher", "bits a letter of the teacher itself", [best]),
    ]
    table = [
        {**paid(label, bits[kind]), "above the teacher": round(interval(bits[kind])[0] - best, 4)}
        for kind, label in STUDENTS.items()
    ]
    figure = Figure(
        "bits-a-letter",
        "What each student pays a letter, beyond the teacher",
        "; ".join(f"{label}: {interval(bits[kind])[0] - best:.3f}" for kind, label in STUDENTS.items()) + " bits a letter",
        "bits a letter above the teacher's own",
        bars=[Bars(label, "", [value - best for value in bits[kind]]) for kind, label in STUDENTS.items()],
    )
    example = spelling(grammar, fresh[0])[:8]
    shown_cut = "|".join(pieces.names[k] for word in example for k in pieces.cuts[word])
    record = {
        "texts": texts,
        "steps": steps,
        "batch": batch,
        "words": len(grammar.words),
        "pieces": len(pieces.names),
        **room.record,
    }
    return Result(findings, table, [figure], record, {"teacher's tokens": "| ".join(example), "student's tokens": shown_cut})


def paid(label: str, bits: list[float]) -> dict[str, object]:
    """Row of the table: what a student pays a letter, over seeds."""
    mean, low, high = interval(bits)
    return {"student": label, "bits a letter": round(mean, 4), "95 % interval": f"{low:.4f} to {high:.4f}"}


def spelling(grammar: Grammar, tokens: Tensor) -> list[str]:
    """Words of one text, without its start."""
    return [grammar.words[int(token)] for token in tokens[1:]]


def both(pieces: Pieces, grammar: Grammar, tokens: Tensor) -> tuple[Tensor, Tensor]:
    """Pieces of texts, filled up with -1, and the place of each word's first piece."""
    rows = [pieces.encode(spelling(grammar, row)) for row in tokens]
    long = max(len(row) for row, _ in rows)
    return torch.tensor([row + [-1] * (long - len(row)) for row, _ in rows]), torch.tensor([starts for _, starts in rows])


def widened(rows: Tensor, length: int) -> Tensor:
    """Rows filled up with -1 to a length."""
    return torch.nn.functional.pad(rows, (0, length - rows.shape[1]), value=-1)


def led(text: Tensor, size: int) -> Tensor:
    """What a student reads to write a text: a start, then all but the last piece, (S, B, L) to (S, B, L)."""
    start = torch.full_like(text[:, :, :1], size - 1)
    return torch.cat([start, text[:, :, :-1].clamp_min(0)], 2)


def piece_losses(logits: Tensor, text: Tensor) -> Tensor:
    """Cross-entropy in nats of every piece; 0 where the text has ended; shape (S, B, L)."""
    losses = -logits.log_softmax(-1).gather(3, text.clamp_min(0)[..., None])[..., 0]
    return losses * (text >= 0)
