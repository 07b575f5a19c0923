"""Readers of published schemas: what the general reader cannot know of a corpus, added to each document.

An adapter takes a document as :func:`provenance.reading.read_documents` gives it and returns it with label, source,
family, domain, group and attack as the corpus means them; None for a file that holds no text of the corpus.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from provenance.corpora.makers import maker_of
from provenance.corpora.pickles import read_text_list
from provenance.documents import HUMAN, LLM, Document, label_of
from provenance.errors import InputError

__all__ = ["Adapter", "adapt_chats", "adapt_detectrl", "adapt_ghostbuster", "adapt_hc3", "adapt_hc3_plus", "adapt_m4",
           "adapt_mage", "adapt_model_answers", "adapt_raid", "read_outfox"]  # fmt: skip

Adapter = Callable[[Document], Document | None]

_PART = re.compile(r"#.*$")
_LINE = re.compile(r":\d+$")


def _with(document: Document, meta: dict[str, Any] | None = None, **changes: Any) -> Document:
    """Document with changes, the family filled in from the source, and more in its `meta`."""
    changed = replace(document, **changes)
    family = changed.family or maker_of(changed.source)
    return replace(changed, family=family, meta={**changed.meta, **(meta or {})})


def adapt_hc3(document: Document) -> Document:
    """HC3: all answers to a question are one group."""
    return _with(document, group=f"hc3/{_PART.sub('', document.id)}")


def adapt_raid(document: Document) -> Document:
    """RAID: the group is the human text behind (source_id); decoding and penalty stay in `meta`."""
    return _with(document, group=document.group and f"raid/{document.group}")


def adapt_mage(document: Document) -> Document:
    """MAGE: 1 is human; human texts are continued, so that a group cannot be told and stays empty."""
    source = document.source or (HUMAN if document.label == HUMAN else None)
    name = str(document.meta.get("src", ""))
    attack = "paraphrase" if "para" in document.id.split(":")[0] else None
    kind = re.search(r"_machine_(continuation|specified|topical)", name)
    return _with(document, {"attack": attack, "prompted": kind and kind[1]}, source=source)


def adapt_m4(document: Document) -> Document:
    """M4: the human and the machine text of a row are one group; source_ID names it where it is there."""
    ident = document.meta.get("source_ID")
    row = _PART.sub("", document.id)
    return _with(document, group=f"m4/{document.domain}/{ident if ident is not None else row}")


_DETECTRL_DOMAINS = {"abstract": "abstract", "document": "news", "story": "story", "content": "review"}
_DETECTRL_FILES = {"arxiv": "abstract", "xsum": "news", "writing_prompt": "story", "yelp_review": "review"}
_DETECTRL_ATTACKS = {
    "direct_prompt": None, "prompt_few_shot": "prompt", "prompt_ICO": "prompt", "paraphrase_polish": "polish",
    "paraphrase_dipper": "paraphrase", "paraphrase_back_translation": "back-translation",
    "perturbation_word": "perturb-word", "perturbation_character": "perturb-character",
    "perturbation_sent": "perturb-sentence",
}  # fmt: skip


def adapt_detectrl(document: Document) -> Document:
    """DetectRL: data_type says what was done to the text, and of a human text its domain; some file names say it too."""
    kind = document.domain or ""
    base = kind.removesuffix("_human").removesuffix("_llm")
    attack = _DETECTRL_ATTACKS.get(
        base, None if base in _DETECTRL_DOMAINS else ("mix-human" if "mix" in base else base) or None
    )
    in_name = next((domain for name, domain in _DETECTRL_FILES.items() if name in document.id), None)
    return _with(document, {"attack": attack, "data_type": kind}, domain=_DETECTRL_DOMAINS.get(kind, in_name))


def adapt_hc3_plus(document: Document) -> Document:
    """HC3 Plus: 1 is ChatGPT; the file name tells questions (QA) from summaries, translations and paraphrases (si)."""
    label = document.label or label_of(document.meta.get("label"), one_is=LLM)
    source = document.source or (HUMAN if label == HUMAN else "chatgpt" if label == LLM else None)
    domain = "qa" if "QA" in document.id else "summary/translation/paraphrase" if "_si" in document.id else document.domain
    meta = {key: value for key, value in document.meta.items() if key != "label"}
    return replace(_with(replace(document, meta=meta), label=label, source=source), domain=domain)


_GHOSTBUSTER_DOMAINS = {"essay": "essay", "reuter": "news", "wp": "story"}


def adapt_ghostbuster(document: Document) -> Document | None:
    """Ghostbuster: DOMAIN/SOURCE/.../N.txt; a human text and the texts to its prompt share N, in Reuters below an author."""
    parts = _LINE.sub("", document.id).split("/")
    place = next((k for k, part in enumerate(parts) if part in _GHOSTBUSTER_DOMAINS), None)
    if place is None or len(parts) < place + 3:
        raise InputError(
            f"{document.id}: is not where Ghostbuster has its texts; wanted the folder that holds essay/, reuter/ and wp/"
        )
    domain, source, *rest = parts[place:]
    if source == "prompts" or any(part in ("logprobs", "headlines", "prompts") for part in rest):
        return None
    human = source == HUMAN
    model = HUMAN if human else "claude" if source.startswith("claude") else "gpt-3.5-turbo"
    prompt = None if source in (HUMAN, "gpt", "claude") else source
    return _with(
        document,
        {"attack": None, "prompted": prompt},
        label=HUMAN if human else LLM,
        source=model,
        domain=_GHOSTBUSTER_DOMAINS[domain],
        group=f"ghostbuster/{domain}/{'/'.join(rest).removesuffix('.txt')}",
    )


def adapt_model_answers(document: Document) -> Document:
    """AlpacaEval, Arena-Hard, MT-Bench: answers of named models; the prompt is the group, and ids hold the model."""
    meta = document.meta
    source = document.source or _text(meta.get("model_id")) or _text(meta.get("model"))
    ident = _PART.sub("", document.id)
    key = _text(meta.get("uid")) or _text(meta.get("question_id")) or document.prompt or ident
    name = f"{source}/{document.id}" if source else document.id
    return _with(document, id=name, source=source, label=LLM, group=document.group or key)


def adapt_chats(document: Document) -> Document:
    """ShareGPT-like chats: every assistant turn is a text by a model; turns of one conversation are one group."""
    source = document.source or "chatgpt"
    return _with(document, label=LLM, source=source, group=document.group or _PART.sub("", document.id))


def read_outfox(folder: Path) -> Iterator[Document]:
    """OUTFOX: pickled lists below data/, joined by their place: problem statements, human essays, essays of models, attacks.

    Raises
    ------
    InputError
        When no list of essays lies there, or one holds anything but texts.
    """
    found = False
    for path in sorted(folder.rglob("*.pkl")):
        facts = _outfox_facts(path.relative_to(folder))
        if facts is None:
            continue
        found = True
        split = str(facts["split"])
        prompts = _outfox_prompts(folder, split)
        for k, text in enumerate(read_text_list(path)):
            if not text:
                continue
            prompt = prompts[k] if k < len(prompts) else None
            yield Document(
                id=f"{path.relative_to(folder).as_posix()}:{k + 1}", text=text, source=facts["source"],
                family=maker_of(facts["source"]), domain="essay", prompt=prompt, label=facts["label"],
                group=f"outfox/{split}/{k}", meta={"corpus": "outfox", "split": split, "attack": facts["attack"]},
            )  # fmt: skip
    if not found:
        raise InputError(f"{folder}: holds no lists of essays (…_humans.pkl, …_lms.pkl); wanted OUTFOX's folder data/")


_OUTFOX = re.compile(r"(?:preprocessed_)?(train|valid|test)_(humans|lms|attacks|outfox_attacks)\.pkl")


def _outfox_facts(path: Path) -> dict[str, Any] | None:
    """Label, source, split and attack of a list, by its place; None for a list of something else."""
    match = _OUTFOX.fullmatch(path.name)
    if match is None:
        return None
    split, kind = match.groups()
    if kind == "humans":
        return {"split": split, "label": HUMAN, "source": HUMAN, "attack": None}
    names = [part for part in path.parts[:-1] if part not in (split, "data", "dipper", "common")]
    source = {"chatgpt": "gpt-3.5-turbo-0613"}.get(names[-1] if names else "", names[-1] if names else None)
    attack = {"lms": None, "attacks": "paraphrase", "outfox_attacks": "prompt"}[kind]
    return {"split": split, "label": LLM, "source": source, "attack": attack}


def _outfox_prompts(folder: Path, split: str) -> list[str | None]:
    place = next(iter(sorted(folder.rglob(f"{split}_problem_statements.pkl"))), None)
    return read_text_list(place) if place is not None else []


def _text(value: object) -> str | None:
    return str(value) if value not in (None, "") else None
