"""Corpora with answers of many models, and of models alone."""

from __future__ import annotations

from provenance.corpora import readers
from provenance.corpora.card import Corpus, Hub

__all__ = ["ANSWERS"]

_DATASETS = "hf://datasets/"
_SHAREGPT = f"{_DATASETS}anon8231489123/ShareGPT_Vicuna_unfiltered/ShareGPT_V3_unfiltered_cleaned_split.json"

ANSWERS: tuple[Corpus, ...] = (
    Corpus(
        name="alpaca-eval",
        title="AlpacaEval",
        description="Answers of many models to 805 instructions.",
        home="https://github.com/tatsu-lab/alpaca_eval",
        paper="https://arxiv.org/abs/2404.04475",
        licence="CC-BY-NC-4.0 (instructions); outputs belong to each model's terms",
        languages=("en",),
        sides="llm",
        domains=("helpful_base", "koala", "oasst", "selfinstruct", "vicuna"),
        sources=("text_davinci_003", "and one file for each of some 200 models in the repository"),
        files="model_outputs.json or the folder results/ (instruction, output, generator, dataset)",
        grouped_by="the instruction: answers of all models to it are one group",
        traps=("texts by models only: never let the file itself tell the label", "variants of one model are not independent"),
        hub=Hub("json", {"eval": f"{_DATASETS}tatsu-lab/alpaca_eval/alpaca_eval_all_outputs.json"}),
        adapt=readers.adapt_model_answers,
    ),
    Corpus(
        name="arena-hard",
        title="Arena-Hard-Auto",
        description="Answers of models to 500 hard prompts (v0.1), and 750 (v2.0).",
        home="https://github.com/lmarena/arena-hard-auto",
        paper="https://arxiv.org/abs/2406.11939",
        licence="Apache-2.0",
        languages=("en",),
        sides="llm",
        domains=("chat",),
        sources=("one file for each model",),
        files="model_answer/MODEL.jsonl or that folder (choices with turns, or messages)",
        grouped_by="the question (question_id or uid)",
        traps=("texts by models only", "long answers full of markdown and code"),
        hub=Hub("json", {"v0.1": f"{_DATASETS}lmarena-ai/arena-hard-auto/data/arena-hard-v0.1/model_answer/*.jsonl"}),
        adapt=readers.adapt_model_answers,
    ),
    Corpus(
        name="mt-bench",
        title="MT-Bench",
        description="Answers of models to 80 questions of two turns.",
        home="https://github.com/lm-sys/FastChat",
        paper="https://arxiv.org/abs/2306.05685",
        licence="Apache-2.0; outputs belong to each model's terms",
        languages=("en",),
        sides="llm",
        domains=("writing", "roleplay", "reasoning", "math", "coding", "extraction", "stem", "humanities"),
        sources=("one file for each model",),
        files="model_answer/MODEL.jsonl or that folder (question_id, model_id, choices with turns)",
        grouped_by="the question (question_id)",
        traps=("texts by models only", "80 questions: whole questions must be held out, or nothing is learnt of new ones"),
        hub=Hub("json", {"train": "hf://spaces/lmsys/mt-bench/data/mt_bench/model_answer/*.jsonl"}),
        adapt=readers.adapt_model_answers,
    ),
    Corpus(
        name="sharegpt",
        title="ShareGPT-like chats",
        description="Conversations of users with ChatGPT as they shared them; any file of conversations with from and value.",
        home="https://huggingface.co/datasets/anon8231489123/ShareGPT_Vicuna_unfiltered",
        paper="https://lmsys.org/blog/2023-03-30-vicuna",
        licence="none stated; shared by users",
        languages=("en", "many"),
        sides="llm",
        domains=("chat",),
        sources=("chatgpt, taken for granted where a row names no model",),
        files="a JSON file of conversations ([{from, value}, ...])",
        grouped_by="the conversation",
        traps=(
            "texts by models only, and nobody checked that they are",
            "turns hold quoted texts of users, code, HTML of the page they were copied from",
            "long conversations are cut into several rows: their ids end in _0, _1, ...",
        ),
        hub=Hub("json", {"train": _SHAREGPT}),
        adapt=readers.adapt_chats,
    ),
)  # fmt: skip
"""In the order in which they are listed."""
