"""The two teachers behind one face: `tiny`, which is trained here, and `smollm2`, a real language model.

A lesson asks a teacher for text and for its distribution at each position, and knows no more about it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor

from provenance.errors import UsageError
from provenance.teach.grammar import START, Grammar, make_grammar
from provenance.teach.settings import Settings
from provenance.teach.tiny_lm import TinyLM, generate
from provenance.teach.training import in_parts, tiny_teacher

__all__ = ["Classroom", "SmolTeacher", "Teacher", "TinyTeacher", "load_teacher"]


class Teacher(Protocol):
    """What a lesson may ask of a teacher."""

    @property
    def vocabulary(self) -> int:
        """Number of tokens, V."""

    def sample(
        self, texts: int, length: int, rng: torch.Generator, prompts: Tensor | None = None, temperature: float = 1.0
    ) -> Tensor:
        """Write texts, int64 of shape (texts, length); `prompts`, (texts, P), are what they begin with."""

    def chances(self, tokens: Tensor) -> Tensor:
        """Distribution of the next token after each position, shape (B, T, V)."""

    def logits(self, tokens: Tensor) -> Tensor:
        """Logits after each position, shape (B, T, V)."""

    def strings(self, tokens: Tensor) -> list[str]:
        """Each token of one text, (T,), as letters; a space before it belongs to it."""

    def example(self, tokens: Tensor) -> dict[str, str]:
        """One of its texts, to be read."""


@dataclass(frozen=True, slots=True)
class TinyTeacher:
    """A :class:`TinyLM` that was trained on a grammar."""

    model: TinyLM
    grammar: Grammar

    @property
    def vocabulary(self) -> int:
        """Number of words, V."""
        return self.model.vocabulary

    def sample(
        self, texts: int, length: int, rng: torch.Generator, prompts: Tensor | None = None, temperature: float = 1.0
    ) -> Tensor:
        """Write texts, some at a time; the token beyond the model's length is drawn from its last position."""
        start = torch.full((texts, 1), START) if prompts is None else prompts
        parts = [generate(self.model, part[None], length, rng, temperature)[0] for part in start.split(512)]
        return torch.cat(parts)

    def chances(self, tokens: Tensor) -> Tensor:
        """Distribution of the next word, shape (B, T, V)."""
        return in_parts(self.model, tokens[None])[0]

    @torch.no_grad()
    def logits(self, tokens: Tensor) -> Tensor:
        """Logits, shape (B, T, V)."""
        return self.model(tokens[None])[0]

    def strings(self, tokens: Tensor) -> list[str]:
        """Words, each with a space before it."""
        return [" " + self.grammar.words[int(token)] for token in tokens]

    def example(self, tokens: Tensor) -> dict[str, str]:
        """One of its texts."""
        return {"the teacher writes": self.grammar.text(tokens)}


@dataclass(frozen=True, slots=True)
class SmolTeacher:
    """SmolLM2-135M-Instruct, about 450 tokens a second and core; its vocabulary is of 49,152 tokens."""

    model: Any
    tokenizer: Any

    @property
    def vocabulary(self) -> int:
        """Number of tokens, V."""
        return int(self.model.config.vocab_size)

    @torch.no_grad()
    def sample(
        self, texts: int, length: int, rng: torch.Generator, prompts: Tensor | None = None, temperature: float = 1.0
    ) -> Tensor:
        """Write texts, all at once, with the keys and values of earlier positions kept."""
        start = self.tokenizer.bos_token_id or 0
        tokens = torch.full((texts, 1), start) if prompts is None else prompts
        found = self.model(tokens, use_cache=True)
        while True:
            logits = found.logits[:, -1].float()
            heated = (logits / max(temperature, 1e-6)).softmax(-1)
            new = logits.argmax(-1)[:, None] if temperature == 0 else torch.multinomial(heated, 1, generator=rng)
            tokens = torch.cat([tokens, new], 1)
            if tokens.shape[1] >= length:
                return tokens
            found = self.model(new, past_key_values=found.past_key_values, use_cache=True)

    def chances(self, tokens: Tensor) -> Tensor:
        """Distribution of the next token in half precision, to save room, shape (B, T, V)."""
        return torch.cat([self.logits(part).softmax(-1).half() for part in tokens.split(4)])

    @torch.no_grad()
    def logits(self, tokens: Tensor) -> Tensor:
        """Logits, shape (B, T, V)."""
        return self.model(tokens).logits.float()

    def strings(self, tokens: Tensor) -> list[str]:
        """Tokens as they are named, with spaces and line ends for their signs; bytes beyond ASCII stay signs."""
        names = self.tokenizer.convert_ids_to_tokens(tokens.tolist())
        return [name.replace("Ġ", " ").replace("Ċ", "\n").replace("ĉ", "\t") for name in names]

    def example(self, tokens: Tensor) -> dict[str, str]:
        """One of its texts."""
        return {"the teacher writes": str(self.tokenizer.decode(tokens.tolist(), skip_special_tokens=True))}


@dataclass(frozen=True, slots=True)
class Classroom:
    """A teacher, and sizes that suit it.

    Attributes
    ----------
    teacher : Teacher
    grammar : Grammar or None
        The truth behind the teacher, where it is known.
    length : int
        Positions of a text.
    budgets : tuple of int
        Positions that students buy.
    steps : int
        Steps that a student is trained for.
    batch : int
        Texts a step.
    held : int
        Fresh texts to measure on.
    record : dict
        Sizes for the record.
    """

    teacher: Teacher
    grammar: Grammar | None
    length: int
    budgets: tuple[int, ...]
    steps: int
    batch: int
    held: int
    record: dict[str, Any] = field(default_factory=dict)


def load_teacher(settings: Settings, lesson: str) -> Classroom:
    """Give the teacher that the settings name, ready to be asked.

    Raises
    ------
    UsageError
        When there is no teacher of that name.
    DependencyError
        When `smollm2` is asked for and its package is not installed.
    """
    kinds: dict[str, Callable[[Settings], Classroom]] = {"tiny": _tiny, "smollm2": _smollm2}
    if settings.teacher not in kinds:
        raise UsageError(f"lesson {lesson}: found the teacher {settings.teacher!r}, wanted one of {', '.join(kinds)}")
    return kinds[settings.teacher](settings)


def _tiny(settings: Settings) -> Classroom:
    """Train the small teacher."""
    settings.tell("the teacher is trained")
    grammar, length, steps = make_grammar(), 24, 60 if settings.quick else 600
    model = tiny_teacher(grammar, length, steps, settings.seed)
    budgets = (1_250, 5_000) if settings.quick else (1_250, 2_500, 5_000, 10_000, 20_000, 40_000)
    record = {"teacher_parameters": model.n_parameters(), "vocabulary": len(grammar.words), "teacher_steps": steps}
    students, held = (40, 64) if settings.quick else (360, 256)
    return Classroom(TinyTeacher(model, grammar), grammar, length, budgets, students, 16, held, record)


def _smollm2(settings: Settings) -> Classroom:
    """Load the real one."""
    from provenance.features.smollm import load_smollm2

    settings.tell("SmolLM2 is loaded")
    teacher = SmolTeacher(*load_smollm2())
    budgets = (48, 96) if settings.quick else (128, 256, 512, 1_024)
    students, held = (4, 4) if settings.quick else (120, 32)
    return Classroom(teacher, None, 24, budgets, students, 4, held, {"vocabulary": teacher.vocabulary})
