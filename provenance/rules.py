"""The replacements of `provenance.text.normalise`: what separates corpora without being style.

Each rule names the characters without which it cannot match, so that most rules are passed over after one look at the
characters of a text. The order matters: what a rule makes, no earlier rule may match. That is why the normalisation
settles in one pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

SPACES = " \t\n\r"
"""White space that is left when wide spaces and control characters are gone."""

_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CONTROLS = "".join(map(chr, (*range(9), 11, 12, *range(14, 32), 127)))
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\ufeff" + "".join(
    map(chr, range(0xFE00, 0xFE10))
)
_WIDE = "\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_DASHES = "\u2012\u2013\u2014\u2015\u2212"
_CLITIC = "(s|re|ve|ll|d|m|t|S|RE|VE|LL|D|M|T)(?![A-Za-z])"

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One replacement.

    Attributes
    ----------
    name : str
    pattern : re.Pattern
    replacement : str
        As `re.sub` takes it; a group may stand at its end alone.
    keys : tuple of tuple of str
        Every match holds, or stands beside, one of these keys: one to three sets of characters, side by side. A rule
        without keys may match anywhere.
    anchor : re.Pattern, optional
        The first character of a match that is none of `lead`. Where it is given, matches are looked for from there, many
        times as fast as `re` looks for a pattern that begins with something optional.
    lead : str
        Characters that may stand before the anchor inside a match.
    spacing_only : bool
        Whether the rule changes white space alone, and no token.
    """

    name: str
    pattern: re.Pattern[str]
    replacement: str
    keys: tuple[Key, ...] = ()
    anchor: re.Pattern[str] | None = None
    lead: str = ""
    spacing_only: bool = False

    @property
    def ascii_too(self) -> bool:
        """Whether the rule can match in a text of ASCII characters."""
        return not self.keys or any(all(not part or min(part) < "\x80" for part in key) for key in self.keys)

    def applies(self, characters: AbstractSet[str]) -> bool:
        """Whether the rule can match in a text with these characters."""
        return not self.keys or any(all(not characters.isdisjoint(part) for part in key) for key in self.keys)

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """Yield the matches that `re.finditer` gives for the pattern."""
        if self.anchor is None:
            yield from self.pattern.finditer(text)
            return
        last = 0
        for place in self.anchor.finditer(text):
            first = place.start()
            while first > last and text[first - 1] in self.lead:
                first -= 1
            for start in range(first, place.end()):
                if start >= last and (match := self.pattern.match(text, start)):
                    yield match
                    last = match.end()
                    break

    def filled(self, match: re.Match[str]) -> str:
        """Return what stands in the place of a match."""
        return self.replacement.replace("\\1", match[1]) if match.re.groups else self.replacement

    def sub(self, text: str) -> str:
        """Replace all matches in a text."""
        if self.anchor is None:
            return self.pattern.sub(self.replacement, text)
        pieces, last = [], 0
        for match in self.matches(text):
            pieces += [text[last : match.start()], self.filled(match)]
            last = match.end()
        return "".join(pieces) + text[last:] if pieces else text


def _rule(
    name: str, pattern: str, replacement: str, *keys: Key, anchor: str = "", lead: str = "", spacing_only: bool = False
) -> Rule:
    found = re.compile(f"[{re.escape(anchor)}]") if anchor else None
    return Rule(name, re.compile(pattern), replacement, keys, found, lead, spacing_only)


def _characters(name: str, characters: str, replacement: str) -> Rule:
    return _rule(name, f"[{re.escape(characters)}]", replacement, (characters,))


RULES: tuple[Rule, ...] = (
    _characters("invisible characters", _INVISIBLE, ""),
    _characters("control characters", _CONTROLS, " "),
    _characters("wide spaces", _WIDE, " "),
    _rule("garbled UTF-8 quotes", "â€[™˜\x99\x98]", "'", ("â", "€")),
    _rule("garbled UTF-8 dashes", "â€[“”\x93\x94]", " -- ", ("â", "€")),
    _rule("garbled UTF-8 double quotes", "â€[œ\x9c\x9d]?", '"', ("â", "€")),
    _rule("garbled UTF-8 space", f"(?<!Â)Â++(?=[\\s£$§°»«·<@\\[{_DASHES}]|--|&(?:amp\\s*;)*nbsp)", "", ("Â",)),
    _characters("single quotes", "\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4", "'"),
    _characters("double quotes", "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    _rule(
        "hyphens",
        "[\u2010\u2011]|(?<=\\d)[\u2012\u2013](?=\\d)",
        "-",
        ("\u2010\u2011\u2012\u2013",),
        anchor="\u2010\u2011\u2012\u2013",
    ),
    _rule("dashes", f"\\s?[{_DASHES}]\\s?", " -- ", (_DASHES,), anchor=_DASHES, lead=SPACES),
    _characters("ellipsis", "\u2026", "..."),
    _characters("bullets", "\u2022\u25cf\u25aa\u25e6\u00b7", "*"),
    _rule("HTML ampersand", "&(?:amp\\s*;)+", "&", ("&", "a", "m")),
    _rule("HTML quotes", "&(?:quot|#34)\\s*;", '"', ("&", "q#")),
    _rule("HTML apostrophes", "&(?:apos|#39|#x27)\\s*;", "'", ("&", "a#")),
    _rule("HTML spaces", "&nbsp\\s*;", " ", ("&", "n", "b")),
    _rule("HTML breaks", "<(?:br|BR|p|/p|P|/P)\\s*/?>", " ", ("<", "bBpP/")),
    _rule("links", '(?:https?://|www\\.)[^\\s)\\]>"]+', "URL", (":", "/", "/"), ("w", "w", "w")),
    _rule(
        "anonymisation tokens",
        "@[A-Z]{2,}\\d+(?:\\s+'\\s*s(?![A-Za-z])|'?s?)",
        " ",
        ("@", _UPPER, _UPPER),
    ),
    _rule(
        "anonymisation tokens in brackets",
        "\\[\\s*(?:NAME|PERSON|ADDRESS|EMAIL|PHONE|REDACTED)\\w*\\s*\\]",
        " ",
        ("[", "NPAER" + SPACES),
    ),
    _rule("treebank brackets", "-[lL][rR][bB]-", "(", ("-", "lL", "rR")),
    _rule("treebank brackets, closing", "-[rR][rR][bB]-", ")", ("-", "rR", "rR")),
    _rule("treebank quotes", "``|''", '"', ("`", "`"), ("'", "'")),
    _rule(
        "split clitics",
        f"(?<=[A-Za-z])(?:\\s+'\\s*|'\\s+){_CLITIC}",
        "'\\1",
        (SPACES, "'", "srvldmtSRVLDMT" + SPACES),
        ("", "'", SPACES),
        anchor="'",
        lead=SPACES,
    ),
    _rule("split contractions", "(?<=[A-Za-z])\\s+(n't|N'T)(?![A-Za-z])", "\\1", (SPACES, "nN", "'")),
    _rule(
        "double hyphens and spaced hyphens",
        "(?<=[^\\s-])(?:[ \\t]+-{1,3}\\s+|-{2,3})(?=[^\\s-])",
        " -- ",
        (" \t", "-", "-" + SPACES),
        ("-", "-"),
        anchor="-",
        lead=" \t",
    ),
    _rule("list marks", "(?<!\\s)[ \\t]*+[\\n\\r]\\s*+(?=-{1,3}\\s+[^\\s-])", "\n", ("\n\r", "-"), spacing_only=True),
    _rule("white space", "(?:(?!\\n-{1,3}\\s+[^\\s-])\\s)+", " ", spacing_only=True),
    _rule(
        "space before punctuation",
        " (?=([.,;:!?)\\]}%]))(?<!\\1 )(?<!- )(?<!www )(?<!www\\. )(?<!http )(?<!https )(?<!:// )",
        "",
        spacing_only=True,
    ),
    _rule("space after opening brackets", "([(\\[{]) (?!\\1|-)", "\\1", spacing_only=True),
)
"""The normalisation, in the order in which it is applied."""
