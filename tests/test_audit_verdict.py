"""The rule of the verdict: p-value, interval, lead, teachers whose own teaching is not known; the pieces of the page."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.audit.pairs import shared_pieces
from provenance.audit.result import AuditResult, IdentityClaims, TeacherKinship
from provenance.audit.settings import AuditSettings
from provenance.audit.sketch import sketch
from provenance.audit.verdict import _holm, decide
from provenance.report.audit_page import AuditPage

RULE = AuditSettings()


def record(teacher, kinship, p_value=0.01, *, known=True, low=0.5, n=77, rivals=3):
    return TeacherKinship(teacher, kinship, low, kinship + 1, 1, n, p_value, p_value, rivals, known)


def test_the_nearest_teacher_is_named_when_it_stands_out():
    assert decide([record("a", 2.0), record("b", 0.5)], RULE).verdict == "kin_to_a"


@pytest.mark.parametrize("first", [record("a", 2.0, 0.06), record("a", 2.0, low=-0.1)])
def test_a_large_p_value_or_an_interval_over_zero_names_nobody(first):
    assert decide([first, record("b", 0.5)], RULE).verdict == "no_kinship_found"


def test_two_teachers_that_stand_equally_near_are_not_told_apart():
    found = decide([record("a", 2.0), record("b", 1.6)], RULE)
    assert (found.verdict, found.nearest) == ("no_kinship_found", "none")
    assert "leads the next teacher by 0.40 only" in found.notes[0]


def test_a_teacher_of_unknown_teaching_gives_way_without_a_lead():
    known, unknown = record("known", 2.0), record("unknown", 2.3, known=False)
    assert decide([unknown, known, record("other", 0.2)], RULE).verdict == "kin_to_known"
    clear = record("unknown", 2.6, known=False)
    assert decide([clear, known, record("other", 0.2)], RULE).verdict == "kin_to_unknown"


def test_the_page_speaks_of_the_teacher_that_the_verdict_names():
    records = (record("unknown", 2.3, known=False), record("known", 2.0))
    found = decide(records, RULE)
    result = AuditResult("m", "p@1", 40, True, records, found.nearest, found.verdict, IdentityClaims({}, {}, 40), ())
    assert result.top is records[1]
    assert "nearer to known's" in AuditPage(result).headline
    assert "unknown's" not in AuditPage(result).headline


def test_too_few_controls_give_no_verdict():
    found = decide([record("a", 3.0, 1 / 19, n=18)], RULE)
    assert found.verdict == "not_enough_evidence"
    assert "18 control pairs; 19 are needed" in found.notes[0]
    assert decide([record("a", 3.0, 1 / 20, n=19)], RULE).verdict == "kin_to_a"


def test_with_two_rival_families_there_is_no_verdict():
    found = decide([record("a", 3.0, rivals=2)], RULE)
    assert found.verdict == "not_enough_evidence"
    assert "2 rival families of a have answers; 3 are needed" in found.notes[0]


def test_no_teacher_at_all_gives_no_verdict():
    assert decide([], RULE).verdict == "not_enough_evidence"


def test_holms_correction_is_that_of_the_paper():
    found = _holm({0: 0.01, 1: 0.04, 2: 0.03})
    assert found == pytest.approx({0: 0.03, 2: 0.06, 1: 0.06})


def test_shared_words_of_an_opening_are_marked_and_nothing_is_lost():
    mine, theirs = "The quick brown fox jumps over it. Then – it sleeps…", "A quick brown fox jumps high."
    pieces = shared_pieces(mine, sketch([theirs]).bags[0].of(0))
    assert [text for text, shared in pieces if shared] == ["quick brown fox jumps"]
    assert "".join(text for text, _ in pieces).split() == "The quick brown fox jumps over it. Then -- it sleeps...".split()


def test_nothing_is_marked_where_nothing_is_shared():
    assert shared_pieces("One two three.", np.zeros(0, np.uint16)) == (("One two three.", False),)
