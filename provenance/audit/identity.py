"""Answers in which a model names itself, in several languages; quotations and denials are kept apart.

Weak evidence: a model trained on text from the web repeats what other models said of themselves there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from provenance.audit.result import IdentityClaims

__all__ = ["FAMILIES", "claims_in", "identity_claims"]

_NAMES: dict[str, str] = {
    "openai": r"chat ?gpt|open ?ai|gpt-?[345](?:\.\d)?(?:o|-turbo)?|text-davinci-\d+",
    "anthropic": r"claude(?! (?-i:(?!Instant|Opus|Sonnet|Haiku)[A-Z][a-z]))|anthropic",
    "google": r"gemini|bard|gemma|palm ?2|google(?: ai| deepmind| research)?|deepmind",
    "meta": r"llama(?:[ -]?[234](?:\.\d)?)?|meta ai|meta platforms|meta(?= ai|[.,;!)]|$)",
    "mistral": r"mistral(?: ai)?|mixtral|le chat",
    "deepseek": r"deep ?seek(?:[- ]?(?:v\d|r1|chat))?",
    "qwen": r"qwen|tongyi(?: qianwen)?|通义千问|alibaba(?: cloud)?|阿里(?:云|巴巴)",
    "people": r"open ?assistant|laion(?:[- ]ai)?",
}
FAMILIES = tuple(_NAMES)

_I_AM = (
    r"\b(?:i am|i'm|my name is|i was called|i go by|soy|me llamo|mi nombre es|je suis|je m'appelle|ich bin|ich hei(?:ß|ss)e|"
    r"mein name ist|sono|mi chiamo|eu sou|sou o|meu nome é|me chamo|я|меня зовут|jestem|nazywam się)\b|我(?:是|叫)|私は"
)
_MADE_BY = (
    r"\b(?:developed|created|trained|made|built|designed|powered|desarrollad[oa]|cread[oa]|entrenad[oa]|développée?|créée?|"
    r"entraînée?|entwickelt|trainiert|erschaffen|sviluppat[oa]|creat[oa]|desenvolvid[oa]|criad[oa]|treinad[oa]|создан\w*|"
    r"разработан\w*|обучен\w*|stworzon\w*|opracowan\w*) (?:and \w+ )?(?:by|por|par|von|da|pela|pelo|компанией|przez)\b"
)
_SELF = r"\b(?:i|i'm|me|my|as an ai|as a large language model|as a language model)\b|我|私"
_BETWEEN = (
    r"(?:[\s,:-]|\b(?:called|named|known|as|actually|just|simply|really|indeed|an?|the|your|large|language|ai|model|assistant|"
    r"chatbot|version|of|based|on|powered|by|not|never|neither|no|different|from|unlike|similar|to|like|un|una|une|eine?|der|"
    r"die|das|el|le|la|o|um|uma|modelo|modèle|modell|nicht|kein|pas|non|não|не|nie)\b|不){0,24}?"
)
_GAP = r"[^.!?。！？\n\"“”]{0,60}?\b"
_QUOTE = re.compile(
    r"(?:you(?:'re| are)? (?:ask|wonder|say|said|call|think)\w*|whether|if|asked|question|claim\w*|pretend\w*|role ?play|"
    r"story|character|said|says|replied|whether or not|example)\b[^.!?\n]{0,40}$",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"^\W*(?:not|no|nicht|pas|non|não|не|nie|kein|neither|never|different|unlike|similar|like)\b|^不", re.IGNORECASE
)


def _rules(names: str) -> tuple[re.Pattern[str], ...]:
    named = rf"(?P<name>(?<![A-Za-z0-9_-])(?:{names})(?![A-Za-z0-9_]))"
    return (
        re.compile(rf"(?P<lead>{_I_AM})(?P<gap>{_BETWEEN}){named}", re.IGNORECASE),
        re.compile(rf"(?P<lead>{_SELF})(?P<gap>{_GAP}{_MADE_BY}\s*){named}", re.IGNORECASE),
        re.compile(rf"(?P<lead>我[^。！？\n]{{0,20}}?由)(?P<gap>[^。！？\n]{{0,12}}?){named}", re.IGNORECASE),
    )


_RULES = {family: _rules(names) for family, names in _NAMES.items()}
_ANY_NAME = re.compile("|".join(_NAMES.values()), re.IGNORECASE)


def claims_in(text: str) -> dict[str, str]:
    """Find what a text claims its writer to be.

    Parameters
    ----------
    text : str

    Returns
    -------
    dict of str to str
        By family, 'claim' or 'quoted': quoted are sentences that ask, tell or deny it, or stand in quotation marks.

    Examples
    --------
    >>> claims_in("As an AI developed by OpenAI, I cannot say."), claims_in("You asked whether I am ChatGPT.")
    ({'openai': 'claim'}, {'openai': 'quoted'})
    """
    text = text[:20_000].replace("’", "'")
    if not _ANY_NAME.search(text):
        return {}
    found: dict[str, str] = {}
    for family, rules in _RULES.items():
        kinds = {_kind(text, hit) for rule in rules for hit in rule.finditer(text)}
        if kinds:
            found[family] = "claim" if "claim" in kinds else "quoted"
    return found


def _kind(text: str, hit: re.Match[str]) -> str:
    before = text[max(0, hit.start() - 80) : hit.start()]
    open_quote = before.count('"') % 2 == 1 or before.count("“") > before.count("”")
    if open_quote or _QUOTE.search(before) or _DENIAL.search(hit["gap"]):
        return "quoted"
    return "claim"


def identity_claims(texts: Iterable[str]) -> IdentityClaims:
    """Count answers that claim to be of a family, and those that only speak of it."""
    counts: Counter[str] = Counter()
    quoted: Counter[str] = Counter()
    n = 0
    for text in texts:
        n += 1
        for family, kind in claims_in(text).items():
            (counts if kind == "claim" else quoted)[family] += 1
    return IdentityClaims(dict(sorted(counts.items())), dict(sorted(quoted.items())), n)
