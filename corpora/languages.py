"""In which language a text is written, roughly: by its script, and by its commonest small words.

It is meant for counting the languages of a corpus, not for short or mixed texts: it says 'und' where it cannot tell.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

__all__ = ["language_of"]

READ = 4000
"""Characters of a text that are looked at."""

FEWEST_WORDS = 5
MIN_SHARE = 0.08
"""Least share of the words of a text that must be small words of its language."""

_WORDS = re.compile(r"[^\W\d_]+")

_SMALL_WORDS = {
    "en": "the of and to in a is that it for was on with as be this are by not have from at his but they which or an",
    "de": "der die und das ist nicht ein eine mit von den dem zu auf für im sich auch es als an werden aus bei wird sind",
    "fr": "le la les de des et est une un dans que pour qui sur pas avec il ce au par sont plus ne se du cette mais",
    "es": "el la los las de y que en un una es por con para del no se su al como más pero lo sus este ha muy también",
    "it": "il di che la è un per una non sono con del si da gli le nel anche ma più della come questo alla dei delle ha",
    "pt": "o a os de que e do da em um uma para não com por mais as dos como foi ao se na no é ele das também pelo são",
    "nl": "de het een van en is dat op te in zijn voor met niet die aan er om ook als door maar bij naar hij worden",
    "sv": "och att det som en på är av för med till den har de inte om ett han men var jag sig från vi så kan",
    "pl": "i w nie na się z że do to jest o jak po co tak za od przez ale dla był są tym który może jego oraz ich",
    "cs": "a se v na je že to s z do o jako pro za by od jsou ale tak k po byl který nebo i jeho také která při",
    "id": "yang dan di dengan untuk ini itu dari dalam pada adalah tidak akan ke juga oleh sebagai bisa telah mereka",
    "tr": "ve bir bu için ile da de olarak olan daha en çok gibi kadar sonra ne ise ki ancak değil olduğu her var",
    "ru": "и в не на что с по как это он из за то к но все для от так его же было бы или при они у мы который",
    "uk": "і в не на що з як це до та за від для він про але його бути або також які при вже був їх має",
    "bg": "и на да се за от с не е по че са в това като до при или му ще които има след той си а",
}
_SETS = {language: frozenset(words.split()) for language, words in _SMALL_WORDS.items()}

_SCRIPTS = {
    "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CJK": "zh", "ARABIC": "ar", "DEVANAGARI": "hi", "HEBREW": "he",
    "GREEK": "el", "THAI": "th", "BENGALI": "bn", "TAMIL": "ta",
}  # fmt: skip
_URDU = frozenset("ٹڈڑںےہ")


def language_of(text: str) -> str:
    """Tell the language of a text.

    Parameters
    ----------
    text : str
        Its first 4,000 characters are looked at.

    Returns
    -------
    str
        A code of two letters, or 'und'.

    Examples
    --------
    >>> language_of("It was late in the evening and the rain had not stopped."), language_of("1234")
    ('en', 'und')
    """
    text = text[:READ]
    script = _script_of(text)
    if script is not None:
        return "ur" if script == "ar" and any(letter in _URDU for letter in text) else script
    words = [word.lower() for word in _WORDS.findall(text)]
    if len(words) < FEWEST_WORDS:
        return "und"
    hits = {language: sum(word in small for word in words) for language, small in _SETS.items()}
    best = max(hits, key=lambda language: hits[language])
    return best if hits[best] >= MIN_SHARE * len(words) else "und"


def _script_of(text: str) -> str | None:
    """Language that the script of most letters gives away; None for Latin and Cyrillic letters, or too few."""
    letters = [letter for letter in text[:: max(1, len(text) // 400)] if letter.isalpha()]
    if len(letters) < 3 or sum(letter.isascii() for letter in letters) > len(letters) / 2:
        return None
    found = Counter(unicodedata.name(letter, "?").split(" ")[0].split("-")[0] for letter in letters)
    if found["HIRAGANA"] + found["KATAKANA"] > len(letters) / 10:
        return "ja"
    return _SCRIPTS.get(found.most_common(1)[0][0])
