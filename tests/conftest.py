"""A small detector for the tests, trained once on made-up texts of two plainly different styles."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from provenance.detect.detector import Detector
from provenance.detect.recipe import Recipe
from provenance.detect.train import train_detector
from provenance.documents import Document

TOY_RECIPE = Recipe(name="toy", bits=14, min_documents=2, min_corpora=1, folds=2, max_iter=30)

THINGS = ("the bike", "my old coat", "a kettle", "our boat", "the fence", "that car", "some bread", "the radio")
PLACES = ("at the shop", "by the river", "in town", "near the school", "up on the hill", "at home")
PERSON = (
    "we lost {thing} {place} and nobody said a word.",
    "I can't say why, but {thing} was gone by noon!",
    "My brother laughed when he saw {thing} {place}.",
    "so I went back, had some tea, and then it rained.",
    "It was cold. Did I care? Not much.",
    "They told me {thing} would do, which it didn't, of course.",
)
MACHINES = {
    "openai": (
        "Moreover, it is important to note that {thing} plays a crucial role in the community.",
        "Additionally, {thing} offers a comprehensive and seamless experience for all of the people involved.",
        "In conclusion, {thing} serves as a testament to the enduring significance of shared values.",
        "Furthermore, this approach ensures that each of the participants can benefit from the process.",
    ),
    "anthropic": (
        "I should be clear that {thing} raises a genuine and thoughtful question about what we owe to one another.",
        "There is a meaningful tension here, and {thing} illustrates the nuance of it rather well.",
        "To be direct, {thing} is worth considering carefully, with attention to the broader context.",
        "What strikes me most is how {thing} invites a careful kind of reflection on the matter.",
    ),
}
SOURCES = {"openai": "gpt-4", "anthropic": "claude-3", "human": "human"}


def _text(rng: random.Random, family: str, n_sentences: int) -> str:
    sentences = MACHINES.get(family, PERSON)
    chosen = (rng.choice(sentences) for _ in range(n_sentences))
    return " ".join(s.format(thing=rng.choice(THINGS), place=rng.choice(PLACES)) for s in chosen)


def _documents(n: int, seed: int = 0) -> list[Document]:
    """Return `n` texts of each label, some machine texts with a sentence as a person writes it and the reverse."""
    rng = random.Random(seed)
    found = []
    for i in range(n):
        for family in ("human", ("openai", "anthropic")[i % 2]):
            other = "openai" if family == "human" else "human"
            parts = [_text(rng, family, rng.randrange(9, 16)), _text(rng, other, rng.randrange(0, 3))]
            label = "human" if family == "human" else "llm"
            found.append(
                Document(
                    id=f"{label}-{seed}-{i}",
                    text=" ".join(parts),
                    source=SOURCES[family],
                    family=family,
                    label=label,
                    group=f"{label}-{seed}-{i // 2}",
                    meta={"corpus": "toy"},
                )  # fmt: skip
            )
    return found


@pytest.fixture(scope="session")
def make_documents() -> Callable[..., list[Document]]:
    """Give the maker of labelled toy documents: ``make_documents(n_of_each_label, seed)``."""
    return _documents


@pytest.fixture(scope="session")
def toy_recipe() -> Recipe:
    return TOY_RECIPE


@pytest.fixture(scope="session")
def toy_detector() -> Detector:
    return train_detector(_documents(160), TOY_RECIPE)


@pytest.fixture(scope="session")
def toy_folder(toy_detector: Detector, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the toy detector as it lies on disk; tests that change it work on a copy."""
    folder = tmp_path_factory.mktemp("toy") / "detector"
    toy_detector.save(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_lm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a language model with random weights that reads bytes and has 256 places."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    words = ["<|endoftext|>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    tokenizer = Tokenizer(models.BPE({word: i for i, word in enumerate(words)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    torch.manual_seed(0)
    shape = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = LlamaConfig(vocab_size=len(words), num_key_value_heads=1, max_position_embeddings=256, **shape)
    folder = tmp_path_factory.mktemp("tiny_lm")
    model = LlamaForCausalLM(config)
    model.get_input_embeddings().weight.data.mul_(20)
    model.get_output_embeddings().weight.data.mul_(20)
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|endoftext|>").save_pretrained(folder)
    return folder
