"""What goes into an audit and what is left out; bad input ends with a plain line; no prompts, no p-value."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from provenance.audit.answers import is_refusal, match, one_model
from provenance.audit.settings import AuditSettings
from provenance.audit.sketch import answer_key, prompt_key, sketch
from provenance.audit.verdict import audit
from provenance.documents import Document
from provenance.errors import InputError, UsageError

_SPEC = importlib.util.spec_from_file_location("audit_world", Path(__file__).with_name("audit_world.py"))
assert _SPEC and _SPEC.loader
world = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(world)

QUICK = AuditSettings(draws=20)


def test_fewer_than_25_shared_prompts_give_no_verdict_and_say_how_to_get_more():
    result = audit(world.answers("new", "openai", 0.9, prompts=range(24)), world.panel(), settings=QUICK)
    assert (result.verdict, result.nearest, result.paired, result.n_prompts) == ("not_enough_evidence", "none", False, 24)
    assert "provenance panel prompts toy" in result.notes[0] and "24 answers" in result.notes[0]
    assert all(t.p_value is None and t.low is None for t in result.teachers)


def test_answers_to_other_prompts_are_compared_unpaired():
    documents = [Document(str(i), f"The harbour is cold, and number {i} is late.", "m", prompt=f"other {i}") for i in range(40)]
    result = audit(documents, world.panel(), settings=QUICK)
    assert (result.verdict, result.paired) == ("not_enough_evidence", False)
    assert result.left_out == {"other_prompt": 40}
    assert len(result.teachers) == 3
    assert sum(t.kinship for t in result.teachers) == pytest.approx(0, abs=1e-6)


def test_several_models_are_listed_and_one_is_asked_for():
    documents = world.answers("a", None) + world.answers("b", None)
    with pytest.raises(UsageError, match=r"2 models: a \(60\), b \(60\).*--source"):
        audit(documents, world.panel())
    assert audit(documents, world.panel(), source="b", settings=QUICK).model == "b"
    with pytest.raises(InputError, match="no answers of 'c'"):
        one_model(documents, "c")


def test_no_answers_at_all_are_refused():
    with pytest.raises(InputError, match="no answers found"):
        audit([], world.panel())


def test_a_copy_of_a_panel_model_is_said_to_be_one_and_not_compared_with_itself():
    own = [replace(d, source="mine") for d in world.panel_documents() if d.source == "student-openai-3"]
    result = audit(own, world.panel(), settings=QUICK)
    assert "60 of 60 answers equal those of student-openai-3" in result.notes[0]
    assert "student-openai-3" not in {name for t in result.teachers for name, _ in t.controls}


def test_refusals_and_empty_answers_are_left_out_and_counted():
    documents = world.answers("new", "openai", 0.5)
    documents[0] = replace(documents[0], text="I'm sorry, but I can't help with that.")
    documents[1] = replace(documents[1], text=" … ")
    documents.append(replace(documents[5], text="another answer"))
    documents.append(Document("x", "no prompt here", "new"))
    found = match(documents, world.panel())
    assert found.left_out == {"empty": 1, "no_prompt": 1, "refusal": 1, "repeated": 1}
    assert len(found.texts) == 58


@pytest.mark.parametrize(
    "text",
    [
        "I’m sorry, but I cannot assist with that request.",
        "Sorry, I can't help with this.",
        "As an AI language model, I cannot provide that.",
        "I am unable to fulfil this request.",
        "Lo siento, pero no puedo ayudar con eso.",
        "抱歉，我无法回答这个问题。",
    ],
)
def test_refusals_are_known(text):
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry to hear that you are ill. Rest, drink, and see a doctor.",
        "You cannot divide by zero.",
        "Sorry is the hardest word.",
        "I cannot help with that, said the king. " + "And then he spoke on. " * 20,
    ],
)
def test_other_answers_are_no_refusals(text):
    assert not is_refusal(text)


def test_a_prompt_is_known_again_whatever_its_case_and_spaces():
    assert prompt_key("What  is\nthis? ") == prompt_key("what is this?")
    assert prompt_key("What is this?") != prompt_key("What is that?")
    assert answer_key("") != 0


def test_a_sketch_of_an_opening_does_not_depend_on_what_follows():
    opening = " ".join(f"word{i}" for i in range(60))
    short, long = sketch([opening, opening + " and more and more"]).bags[0].pick([0]), sketch([opening + " tail"]).bags[0]
    assert short.of(0).tolist() == long.of(0).tolist()


def test_a_sketch_is_the_same_alone_and_among_others():
    texts = ["One, two and three.", "", "Something else, quite different from it.", "x" * 1000]
    together = sketch(texts)
    for i, text in enumerate(texts):
        alone = sketch([text])
        assert all(a.of(0).tolist() == b.of(i).tolist() for a, b in zip(alone.bags, together.bags, strict=True))
        assert alone.style[0].tolist() == together.style[i].tolist()
