"""Who makes a model, by the names under which corpora list it."""

from __future__ import annotations

import re

__all__ = ["maker_of"]

# In order: a tune of another maker's model ('vicuna', 'llama-2-70b-tulu') is neither's, so tunes come first.
_MAKERS: tuple[tuple[str, str], ...] = (
    (r"vicuna|alpaca|tulu|wizard|guanaco|koala|dolly|oasst|openassistant|zephyr|openchat|starling|nous|hermes|orca", "other"),
    (r"gpt-?j|gpt-?neo|gptneo|bloom|cohere|command|mpt|falcon|pythia|glm|internlm|yi-|baichuan|claude-?killer", "other"),
    (r"gpt|davinci|curie|babbage|\bada\b|(?:^|/)o[134](?:-|$)|openai|chatgpt", "openai"),
    (r"claude|anthropic", "anthropic"),
    (r"gemini|palm|bard|gemma|flan|bison|google|\bt5\b", "google"),
    (r"deepseek", "deepseek"),
    (r"qwen|qwq", "qwen"),
    (r"mistral|mixtral|ministral|codestral", "mistral"),
    (r"llama|\bopt[-_]|galactica|meta", "meta"),
)
_RULES = tuple((re.compile(pattern, re.IGNORECASE), maker) for pattern, maker in _MAKERS)


def maker_of(source: str | None) -> str | None:
    """Name the maker of a model.

    Parameters
    ----------
    source : str or None
        The model as a corpus names it, or 'human'.

    Returns
    -------
    str or None
        'human', 'openai', 'anthropic', 'google', 'meta', 'mistral', 'deepseek', 'qwen', 'other'; None where there is no
        name. Tunes of a maker's model by others are 'other'.

    Examples
    --------
    >>> maker_of("text_davinci_003"), maker_of("Claude-instant"), maker_of("vicuna-13b")
    ('openai', 'anthropic', 'other')
    """
    if not source:
        return None
    if source.lower() == "human":
        return "human"
    name = source.replace("_", "-")
    return next((maker for rule, maker in _RULES if rule.search(name)), "other")
