"""Lesson 6 with a real teacher: SmolLM2 cuts text in its way, the student in another.

What is done: SmolLM2 writes. The student's tokens are pieces learnt by byte-pair encoding from other texts of the teacher. Both
cut the same letters (spaces aside), so we count at how many of the student's positions the teacher, too, is about to
begin a token, and at how many of its positions the two tokens are the same string. Then students learn from the text,
with universal logit distillation (ULD) or without, and are measured in bits a letter.

What it does not show: what one vocabulary would have brought. A student of this size over 49,152 tokens learns little from a
thousand positions (lesson 1 with this teacher), so the two vocabularies could not be compared fairly here.
"""

from __future__ import annotations

import math
import string
from itertools import accumulate

import torch
from torch import Tensor

from provenance.teach import objectives
from provenance.teach.draws import generators, picks, shared_generator
from provenance.teach.figures import Bars, Figure, interval
from provenance.teach.lessons.two_tokenizers import led, paid, piece_losses, widened
from provenance.teach.pieces import learn_pieces
from provenance.teach.result import Result, finding
from provenance.teach.settings import Settings
from provenance.teach.teachers import Teacher, load_teacher
from provenance.teach.tiny_lm import TinyLM
from provenance.teach.training import train

__all__ = ["greedy_pieces", "meetings", "run"]

STUDENTS = {"text": "text", "uld": "text and ULD by position", "uld starts": "text and ULD where both begin a token"}
SIGNS = string.ascii_letters + string.digits + string.punctuation
UNKNOWN = "�"


def run(settings: Settings) -> Result:
    """Count what aligns, and train the three students."""
    room = load_teacher(settings, "two-tokenizers")
    teacher, length, seeds, quick = room.teacher, room.length, settings.seeds, settings.quick
    texts, steps, batch = (6, 10, 4) if quick else (48, 240, 8)
    common = shared_generator(settings)

    settings.tell("the teacher writes, and the student's pieces are learnt")
    fresh, apart = (teacher.sample(8 if quick else 48, length + 1, common) for _ in range(2))
    words = [word for row in apart for word in "".join(teacher.strings(row[1:])).split()]
    learnt = learn_pieces(words, merges=40 if quick else 200).names
    names = (*dict.fromkeys([*learnt, *SIGNS, *(" " + sign for sign in SIGNS)]), UNKNOWN)
    size = len(names) + 1  # and the start of a text
    told = torch.stack([teacher.sample(texts, length + 1, rng) for rng in generators(settings)])  # (S, N, T + 1)

    settings.tell("both cut the same letters")
    cuts = [[cut(teacher, row, names) for row in own] for own in told]
    long = max(len(row) for own in cuts for row, _, _ in own)
    pieces = torch.stack([padded([row for row, _, _ in own], long) for own in cuts])  # (S, N, L)
    places = torch.stack([torch.stack([spread(meets, length) for _, meets, _ in own]) for own in cuts])  # (S, N, T, 2)
    read = [cut(teacher, row, names)[0] for row in fresh]
    room_for = max(long, *(len(row) for row in read))
    letters = sum(len(names[piece].strip()) for row in read for piece in row)
    aligned = [sum(len(meets) for _, meets, _ in own) / sum(len(row) for row, _, _ in own) for own in cuts]
    same = [sum(equal for _, _, equal in own) / sum(len(row) for row, _, _ in own) for own in cuts]
    # The likeliest W are enough: against the rest stand zeros, whatever the student says.
    tables = torch.stack([teacher.chances(own[:, :-1]).float().topk(size).values for own in told])  # (S, N, T, W)

    copy = torch.arange(seeds)[:, None]
    bits: dict[str, list[float]] = {}
    for kind, label in STUDENTS.items():
        settings.tell(f"students: {label}")
        student, rngs = TinyLM(size, room_for, width=32, copies=seeds, seed=settings.seed), generators(settings)
        for _, learn in train(student, steps):
            pick = picks(rngs, texts, batch)  # (S, B)
            text, shown = pieces[copy, pick], tables[copy, pick]  # (S, B, L), (S, B, T, W)
            logits = student(led(text, size))  # (S, B, L, W)
            loss = piece_losses(logits, text).sum((1, 2)) / (text >= 0).sum((1, 2))  # (S,)
            if kind == "uld":  # as published: the first position with the first, and so on to the shorter end
                both = min(logits.shape[2], length)
                loss = loss + objectives.uld(logits[:, :, :both], shown[:, :, :both])
            elif kind == "uld starts":
                mine, its = (where[..., None].expand(-1, -1, -1, size) for where in places[copy, pick].unbind(-1))
                loss = loss + objectives.uld(logits.gather(2, mine), shown.gather(2, its))
            learn(loss)
        with torch.no_grad():
            every = padded(read, room_for).expand(seeds, -1, -1)  # (S, H, L)
            nats = piece_losses(student(led(every, size)), every).sum((1, 2))
        bits[kind] = (nats / letters / math.log(2)).tolist()

    findings = [
        finding("aligned", "share of the student's positions at which the teacher, too, begins a token", aligned),
        finding("same", "share of the student's positions at which both write the same token", same),
        *(finding(kind, f"bits a letter on fresh text: {label}", bits[kind]) for kind, label in STUDENTS.items()),
    ]
    table = [paid(label, bits[kind]) for kind, label in STUDENTS.items()]
    figure = Figure(
        "bits-a-letter",
        "What each student pays a letter of SmolLM2's text",
        "; ".join(f"{label}: {interval(bits[kind])[0]:.3f}" for kind, label in STUDENTS.items()) + " bits a letter",
        "bits a letter",
        bars=[Bars(label, "", bits[kind]) for kind, label in STUDENTS.items()],
    )
    record = {"texts": texts, "steps": steps, "batch": batch, "pieces": size, **room.record}
    shown_cuts = {
        "teacher's tokens": "|".join(part for part in teacher.strings(fresh[0][1:])),
        "student's tokens": "|".join(names[piece] for piece in read[0]),
    }
    return Result(findings, table, [figure], record, shown_cuts)


def cut(teacher: Teacher, tokens: Tensor, names: tuple[str, ...]) -> tuple[list[int], list[tuple[int, int]], int]:
    """Pieces of one text, (T + 1,), where they meet the teacher's tokens, and how many are the same string."""
    theirs = teacher.strings(tokens[1:])
    number = {name: k for k, name in enumerate(names)}
    ours = [piece for word in "".join(theirs).split() for piece in greedy_pieces(word, number)]
    spelt = [" " + names[piece] if piece == number[UNKNOWN] else names[piece] for piece in ours]
    meets = meetings(spelt, theirs)
    return ours, meets, sum(spelt[i] == theirs[k] for i, k in meets)


def greedy_pieces(word: str, number: dict[str, int]) -> list[int]:
    """Cut a word, the longest known piece first; a letter that no piece knows becomes the unknown one."""
    rest, found = " " + word, []
    while rest.strip():
        fits = next((rest[:k] for k in range(len(rest), 0, -1) if rest[:k] in number), None)
        found.append(number[UNKNOWN] if fits is None else number[fits])
        rest = rest[len(fits) if fits else 1 + rest.startswith(" ") :]
    return found


def meetings(ours: list[str], theirs: list[str]) -> list[tuple[int, int]]:
    """Places at which tokens of both begin at the same letter; spaces count for nothing."""
    sizes = [["".join(token.split()) for token in tokens] for tokens in (ours, theirs)]
    begins = [[0, *accumulate(len(part) for part in parts)][:-1] for parts in sizes]
    where = {begin: k for k, (begin, part) in enumerate(zip(begins[1], sizes[1], strict=True)) if part}
    return [(i, where[begin]) for i, begin in enumerate(begins[0]) if begin in where]


def padded(rows: list[list[int]], length: int) -> Tensor:
    """Rows as one table, (N, L), filled up with -1."""
    return torch.cat([widened(torch.tensor([row], dtype=torch.long), length) for row in rows])


def spread(meets: list[tuple[int, int]], length: int) -> Tensor:
    """Meeting places, (T, 2), the first again where there are fewer."""
    first = meets[:1] or [(0, 0)]
    return torch.tensor((meets + first * length)[:length])
