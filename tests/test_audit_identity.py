"""Self-naming is counted in several languages; questions, quotations and denials are kept apart."""

from __future__ import annotations

import pytest

from provenance.audit.identity import claims_in, identity_claims


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("I am ChatGPT, a large language model.", "openai"),
        ("As an AI developed by OpenAI, I don't have opinions.", "openai"),
        ("I'm an AI language model created by OpenAI.", "openai"),
        ("I was trained by OpenAI on text.", "openai"),
        ("My name is Claude and I like to help.", "anthropic"),
        ("I am an assistant made by Anthropic.", "anthropic"),
        ("Soy ChatGPT, un modelo de lenguaje.", "openai"),
        ("Je suis Claude, un assistant.", "anthropic"),
        ("Ich bin ChatGPT.", "openai"),
        ("我是通义千问，一个语言模型。", "qwen"),
        ("我是由OpenAI开发的语言模型。", "openai"),
        ("Я ChatGPT, языковая модель.", "openai"),
        ("I’m DeepSeek-V3, an assistant.", "deepseek"),
        ("I am Open Assistant.", "people"),
    ],
)
def test_claims_are_found(text, family):
    assert claims_in(text) == {family: "claim"}


@pytest.mark.parametrize(
    "text",
    [
        "You asked whether I am ChatGPT.",
        'She wrote: "I am ChatGPT" on the wall.',
        "I am not ChatGPT.",
        "I'm different from ChatGPT.",
    ],
)
def test_questions_quotations_and_denials_are_no_claims(text):
    assert claims_in(text) == {"openai": "quoted"}


@pytest.mark.parametrize(
    "text",
    [
        "ChatGPT was made by OpenAI.",
        "I like llamas, and I am from Peru.",
        "Claude Monet painted lilies.",
        "The gemini are twins.",
        "I am a fan of Google and of OpenAI.",
        "I am Claude Monet, and I paint.",
        "I'm going to be meta about it.",
        "",
    ],
)
def test_talk_of_models_is_no_claim(text):
    assert "claim" not in claims_in(text).values()


def test_counts_come_with_n_and_wilsons_interval():
    found = identity_claims(["I am ChatGPT.", "You asked if I am ChatGPT.", *["Nothing."] * 98])
    assert (found.counts, found.quoted, found.n) == ({"openai": 1}, {"openai": 1}, 100)
    assert found.to_dict() == {"openai": 1, "n": 100}
    interval = found.intervals()["openai"]
    assert interval["low"] < 0.01 < interval["high"] < 0.06


def test_hostile_text_ends_in_no_time():
    assert claims_in("I am " * 20_000 + "ChatGPT") == {}
