"""Counts, intervals and the HTML page of a run."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from provenance.detect.result import Score, Span
from provenance.documents import Document
from provenance.report import ScoreReport, Tally


def score(ident="a", p_value=0.5, verdict="not_flagged", reason=None, family="human", spans=None, value=0.0):
    return Score(ident, 60, value, 0.5, p_value, verdict, reason, family, {}, 0.1, spans, "fake@1")


def report(*pairs, **options):
    page = ScoreReport("fake@1", 0.01, ["in.jsonl"], **options)
    for document, finding in pairs:
        page.add(document, finding)
    return page


class Tags(HTMLParser):
    """Names of the elements of a page, their attributes, and its visible text; fails on tags that do not close."""

    VOID = frozenset({"meta", "br", "hr"})

    def __init__(self, page):
        super().__init__()
        self.names, self.attributes, self.open, self.words = [], [], [], ""
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data


# Values of Wilson's interval from the literature (Newcombe 1998, table I, method 3).
@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_of_the_share_is_the_published_one(hits, n, low, high):
    tally = Tally(documents=n + 3, flagged=hits)
    tally.reasons["code"] = 3
    assert tally.interval == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_the_interval_of_nothing_is_everything():
    assert Tally().interval == (0.0, 1.0)


def test_the_share_is_one_of_judged_documents():
    tally = Tally()
    for verdict, reason in [("flagged", None), ("not_flagged", None), ("abstained", "code"), ("abstained", "code")]:
        tally.add(score(verdict=verdict, reason=reason))
    assert (tally.documents, tally.judged, tally.abstained, tally.share) == (4, 2, 2, 0.5)
    assert tally.reasons == {"code": 2}


def test_there_is_no_share_where_nothing_was_judged():
    tally = Tally()
    tally.add(score(verdict="abstained", reason="too_short"))
    assert tally.share is None


@pytest.mark.parametrize("pairs", [[], [(Document("a", ""), score(p_value=None, verdict="abstained", value=None))]])
def test_a_page_of_next_to_nothing_is_whole(pairs):
    assert Tags(report(*pairs).html()).names[0] == "html"


def test_the_page_is_well_formed_and_reaches_for_nothing():
    spans = (Span(0, 4, "Some", 0.4), Span(5, 7, "te", -0.2))
    page = report(
        (Document("a", "Some text of a person"), score(spans=spans)),
        (Document("b", "Other"), score("b", 0.001, "flagged", family="openai")),
        (Document("c", "Short"), score("c", None, "abstained", "too_short", None)),
    ).html()
    tags = Tags(page)
    assert not {"script", "link", "img", "iframe", "form", "object"} & set(tags.names)
    assert not {"src", "href", "action"} & {name for name, _ in tags.attributes}
    assert not re.search(r"https?:|url\(|@import", page)
    assert ("content", "width=device-width, initial-scale=1") in tags.attributes
    assert "prefers-color-scheme: dark" in page and "default-src 'none'" in page


def test_hostile_texts_and_ids_are_shown_and_not_obeyed():
    evil = '<script>alert(1)</script><img src=x onerror="y">{{ 7 * 7 }}\x1b[31m\u202e'
    found = score(evil, 0.001, "flagged", family="<i>x</i>", spans=(Span(0, 8, evil[:8], 1.0),))
    page = report((Document(evil, evil), found)).html()
    tags = Tags(page)
    assert not {"script", "img", "i"} & set(tags.names)
    assert "alert(1)" in tags.words and "{{ 7 * 7 }}" in tags.words
    assert not any(mark in page for mark in ("\x1b", "\u202e"))


def test_pieces_join_to_the_text_with_the_spans_marked():
    text = "One two  three\n four five"
    spans = (Span(4, 7, "two", 0.5), Span(5, 9, "overlaps", 0.5), Span(16, 20, "four", -0.5), Span(90, 99, "?", 1.0))
    (row,) = report((Document("a", text), score(spans=spans))).rows()
    assert [(piece.text, piece.weight) for piece in row.pieces if piece.weight] == [("two", 0.5), ("four", -0.5)]
    assert "".join(piece.text for piece in row.pieces) == "One two three\n four five"


def test_the_page_holds_the_documents_that_stand_out_and_no_more():
    page = ScoreReport("fake@1", 0.01, ["in.jsonl"], keep=3)
    for k in range(50):
        page.add(Document(f"d{k}", "x"), score(f"d{k}", (k * 7 % 50 + 1) / 50))
    page.add(Document("held", "x"), score("held", 0.0001, "abstained", "code"))
    assert [row.score.p_value for row in page.rows()] == [0.02, 0.04, 0.06]
    assert page.tally.documents == 51


def test_a_long_text_is_cut_and_says_so():
    (row,) = report((Document("a", "word " * 5000), score())).rows()
    assert row.cut and sum(len(piece.text) for piece in row.pieces) <= 1500


def test_the_page_tells_the_interval_and_what_it_does_not_show():
    page = report(*((Document(str(k), "x"), score(str(k), 0.001, "flagged")) for k in range(10)), unreadable=2)
    words = " ".join(Tags(page.html()).words.split())
    assert "72.2 % to 100.0 %" in words and "n = 10" in words
    assert "not the share of machine text" in words and "no proof of who wrote it" in words
    assert "rows not read" in words
