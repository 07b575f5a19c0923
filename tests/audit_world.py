"""A made-up world of models for the tests of audits: teachers with habits, students that copy them, people that do not."""

from __future__ import annotations

import random
from functools import lru_cache

from provenance.audit.build import build_panel, gather
from provenance.audit.panel import Panel
from provenance.audit.plan import facts_of, plan_panel
from provenance.documents import Document

PROMPTS = 60
SLOTS = 14
CHOICES = 6
TEACHERS = ("openai", "anthropic", "meta")

_WORDS = (
    "amber basin cedar delta ember fable grain harbour island jasper kettle lantern meadow needle orchard pebble quarry river "
    "saddle timber umber valley willow yonder acorn bramble cobble drift eddy fern gully heath inlet juniper knoll ledge moss"
).split()


def phrase(prompt: int, slot: int, choice: int) -> str:
    """One of the ways to fill a slot of the answer to a prompt."""
    rng = random.Random(f"{prompt}/{slot}/{choice}")
    return " ".join(rng.choice(_WORDS) for _ in range(4))


def habit(family: str, prompt: int, slot: int) -> int:
    """The choice that a family prefers; 'people' prefer nothing."""
    return random.Random(f"{family}/{prompt}/{slot}").randrange(CHOICES)


def answer(name: str, follows: str | None, prompt: int, strength: float, slots: int = SLOTS) -> str:
    """The answer of a model that follows a family's habits with some strength."""
    rng = random.Random(f"{name}/{prompt}")
    parts = []
    for slot in range(slots):
        kept = follows is not None and rng.random() < strength
        choice = habit(follows, prompt, slot) if kept and follows else rng.randrange(CHOICES)
        parts.append(phrase(prompt, slot, choice))
    return ". ".join(parts).capitalize() + "."


def answers(
    name: str, follows: str | None, strength: float = 0.5, *, family: str = "other", taught_by: str | None = None,
    lineage: str | None = None, prompts: range = range(PROMPTS), slots: int = SLOTS,
) -> list[Document]:  # fmt: skip
    """The answers of one model."""
    meta: dict[str, object] = {"lineage": lineage or name}
    if taught_by:
        meta["taught_by"] = taught_by
    return [
        Document(
            id=f"{name}/{p}", text=answer(name, follows, p, strength, slots), source=name, family=family,
            prompt=f"Question number {p}?", meta=meta,
        )
        for p in prompts
    ]  # fmt: skip


def panel_documents() -> list[Document]:
    """Answers of teachers, their students, and models taught by people."""
    out: list[Document] = []
    for family in TEACHERS:
        for k in range(3):
            out += answers(f"{family}-{k}", family, 0.8, family=family, taught_by="self", lineage=family)
        for k in range(7):
            out += answers(f"student-{family}-{k}", family, 0.3 + 0.05 * k, taught_by=family)
    for k in range(8):
        out += answers(f"folk-{k}", None, taught_by="human")
    return out


@lru_cache(maxsize=1)
def panel() -> Panel:
    """The panel of that world."""
    documents = panel_documents()
    return build_panel(gather(documents), plan_panel(facts_of(documents), "toy", maker=lambda name: "other"))
