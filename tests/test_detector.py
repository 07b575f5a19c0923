"""What every detector keeps to: the toy one, and each one that ships."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from provenance.detect.detector import CHUNK, Detector
from provenance.detect.recipe import Recipe
from provenance.detect.result import REASONS, VERDICTS
from provenance.documents import Document
from provenance.errors import DetectorError, InputError, UsageError
from provenance.models import list_detectors, load_detector

NAMES = ["toy", *(info.name for info in list_detectors() if info.name != "surprisal")]  # that one wants an extra

PLAIN = (
    "When the ferry came in late we were still waiting on the wall, eating cold chips and talking about nothing "
    "much. "
    "My aunt had brought a flask of soup, which she would not share until the rain began, and then she poured it "
    "out for "
    "everyone, even the man with the dog. Nobody minded the delay after that. We took the slow road home and slept."
)
STIFF = (
    "It is important to note that effective communication plays a crucial role in fostering collaboration. "
    "Moreover, teams "
    "that embrace a comprehensive approach are able to navigate complex challenges and unlock new opportunities. In "
    "conclusion, by leveraging these strategies, organisations can ensure sustainable growth and create lasting "
    "value for "
    "all of their stakeholders in an ever-evolving landscape."
)
HOSTILE = {
    "empty": "",
    "white space": " \n\t\u00a0\u2003 ",
    "one word": "word",
    "one mark": "!",
    "two words": "Thank you",
    "a word and a mark": "Hello!",
    "three words": "Yes, thank you",
    "50,000 words": "the cat sat on a mat and " * 7200,
    "unicode junk": "\u202e\u200b\ufeff\ufffd\U0001f9ff\u0300\u0301 \u0627\u0644 \u4f60\u597d \x00\x07\x1b[31m " * 30,
    "lone surrogates": "\ud800 a \udfff b \udc80" * 40,
    "one endless word": "a" * 300_000,
    "marks only": "?!.,;:-()[]{}<>`~" * 100,
    "numbers only": "12 3.5 1,000 " * 60,
    "NUL": "a\0b \0 c" * 50,
    "markup": "<script>alert(1)</script>&nbsp;<p>" * 40,
}
TEXTS = [PLAIN, STIFF, "Short one.", "", PLAIN[:200], STIFF[100:], PLAIN + " " + STIFF, "Der Hund schl\u00e4ft. " * 30]


@pytest.fixture(params=NAMES)
def detector(request: pytest.FixtureRequest) -> Detector:
    return request.getfixturevalue("toy_detector") if request.param == "toy" else load_detector(request.param)


def records(detector: Detector, texts, **options) -> list[dict]:
    return [score.to_dict() for score in detector.score(texts, **options)]


def same(detector: Detector, left: dict, right: dict) -> bool:
    """Compare two records but for their id; an encoder may differ in the last digit that is kept."""
    left, right = left | {"id": ""}, right | {"id": ""}
    if not detector.extras_ or left["score"] is None or right["score"] is None:
        return left == right
    return left["score"] == pytest.approx(right["score"], abs=2e-4)


def test_there_is_one_score_a_document_in_order_with_its_id(detector: Detector) -> None:
    documents = [Document(id=f"text {i}", text=text) for i, text in enumerate(TEXTS)]
    assert [score.id for score in detector.score(documents)] == [document.id for document in documents]


def test_bare_texts_get_their_position_as_id_and_equal_ids_are_kept(detector: Detector) -> None:
    mixed = ["bare", Document(id="x", text=PLAIN), Document(id="x", text=STIFF)]
    assert [score.id for score in detector.score(mixed)] == ["0", "x", "x"]


def test_no_document_gives_no_score(detector: Detector) -> None:
    assert detector.score([]) == []


def test_numbers_keep_to_their_ranges(detector: Detector) -> None:
    for score in detector.score([text for text in [*TEXTS, *HOSTILE.values()] if text.strip()]):
        if score.score is None:
            assert score.n_words == 0
            assert score.verdict == "abstained"
            continue
        assert 0 < score.p_value <= 1
        assert 0 <= score.probability <= 1
        assert sum(score.families.values()) <= score.probability + 1e-3
        assert all(0 <= p <= 1 for p in score.families.values())
        assert 0 <= score.chatgpt_probability <= score.probability + 1e-3
        assert score.detector == detector.name


@pytest.mark.parametrize("fpr", [0.001, 0.01, 0.3, 0.9])
def test_flagged_means_judged_and_p_value_at_most_fpr(detector: Detector, fpr: float) -> None:
    for score in detector.score(TEXTS, fpr=fpr):
        assert score.verdict in VERDICTS
        assert (score.verdict == "abstained") == (score.reason is not None)
        assert score.reason is None or score.reason in REASONS
        if score.verdict != "abstained":
            assert (score.verdict == "flagged") == (score.p_value <= fpr)


def test_a_stricter_rate_never_flags_more(detector: Detector) -> None:
    strict, loose = detector.score(TEXTS, fpr=0.01), detector.score(TEXTS, fpr=0.5)
    assert all(b.verdict == "flagged" for a, b in zip(strict, loose, strict=True) if a.verdict == "flagged")


def test_scores_do_not_depend_on_neighbours_or_order(detector: Detector) -> None:
    together = records(detector, TEXTS)
    backwards = records(detector, TEXTS[::-1])[::-1]
    alone = [records(detector, [text])[0] for text in TEXTS]
    for one, two, three in zip(together, backwards, alone, strict=True):
        assert same(detector, one, two)
        assert same(detector, one, three)


def test_scores_do_not_change_where_a_chunk_ends(detector: Detector) -> None:
    texts = ["A few words here."] * (CHUNK - 1) + [STIFF, STIFF]
    last, first = records(detector, texts)[-2:]
    assert same(detector, last, first)


def test_scores_are_the_same_after_saving_and_loading(detector: Detector, tmp_path: Path) -> None:
    detector.save(tmp_path / "one")
    again = Detector.load(tmp_path / "one")
    assert records(again, TEXTS, explain=True) == records(detector, TEXTS, explain=True)
    again.save(tmp_path / "two")
    for file in sorted((tmp_path / "one").iterdir()):
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


@pytest.mark.parametrize("what", HOSTILE)
def test_strange_texts_get_a_score_or_an_abstention(detector: Detector, what: str) -> None:
    (score,) = detector.score([HOSTILE[what]], explain=True)
    assert score.n_words >= 0
    assert score.verdict in VERDICTS
    assert score.score is None or score.score == score.score


@pytest.mark.parametrize("text", ["", "  \n ", "word"])
def test_texts_with_next_to_no_words_are_too_short(detector: Detector, text: str) -> None:
    (score,) = detector.score([text])
    assert (score.verdict, score.reason) == ("abstained", "too_short")


def test_text_without_words_carries_no_numbers(detector: Detector) -> None:
    (score,) = detector.score([""])
    assert (score.score, score.probability, score.p_value, score.family) == (None, None, None, None)


def test_spans_come_only_when_asked_for(detector: Detector) -> None:
    (plain,), (explained,) = detector.score([STIFF]), detector.score([STIFF], explain=True)
    assert plain.spans is None
    assert explained.spans
    assert plain.score == explained.score


def test_a_stream_is_read_a_chunk_at_a_time(detector: Detector) -> None:
    read = itertools.count()
    endless = (f"text number {next(read)}" for _ in itertools.repeat(None))
    assert len(list(itertools.islice(detector.iter_scores(endless), 3))) == 3
    assert next(read) <= CHUNK


def test_probabilities_of_both_labels_sum_to_one(detector: Detector) -> None:
    proba = detector.predict_proba(TEXTS)
    assert proba.shape == (len(TEXTS), 2)
    assert proba.sum(axis=1) == pytest.approx(1)
    likelier = ["llm" if row[1] > 0.5 else "human" for row in proba]
    assert list(detector.predict(TEXTS)) == likelier


@pytest.mark.parametrize("fpr", [0, 1, -0.1, 1.5, float("nan")])
def test_a_rate_out_of_range_is_refused(detector: Detector, fpr: float) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        detector.score([PLAIN], fpr=fpr)


def test_one_string_is_refused_because_it_is_a_list_of_letters(detector: Detector) -> None:
    with pytest.raises(InputError, match="list"):
        detector.score(PLAIN)


@pytest.mark.parametrize("wrong", [None, 3, b"bytes", {"text": "x"}])
def test_what_is_no_text_is_refused_with_its_place(detector: Detector, wrong: object) -> None:
    with pytest.raises(InputError, match="element 1"):
        detector.score([PLAIN, wrong])


def test_parameters_make_an_unfitted_copy(detector: Detector) -> None:
    from sklearn.base import clone

    copy = clone(detector)
    assert copy.get_params() == detector.get_params()
    with pytest.raises(DetectorError, match="fit"):
        copy.score([PLAIN])


def test_calibration_of_its_own_leaves_the_detector_alone(detector: Detector) -> None:
    before = records(detector, TEXTS)
    other = detector.calibrate([PLAIN + f" It was {i} years ago." for i in range(30)])
    assert other is not detector
    assert records(detector, TEXTS) == before
    assert [r["score"] for r in records(other, TEXTS)] == [r["score"] for r in before]
    assert other.calibration_.n == 30


def test_calibration_without_long_texts_is_refused(detector: Detector) -> None:
    with pytest.raises(InputError, match="words or more"):
        detector.calibrate(["too short"] * 200)


def test_the_toy_detector_tells_its_two_styles_and_their_makers_apart(toy_detector: Detector, make_documents) -> None:
    documents = make_documents(30, seed=5)
    scores = toy_detector.score(documents)
    people = [s.score for s, d in zip(scores, documents, strict=True) if d.label == "human"]
    machines = [s.score for s, d in zip(scores, documents, strict=True) if d.label == "llm"]
    assert max(people) < min(machines)
    right = [s.family == d.family for s, d in zip(scores, documents, strict=True)]
    assert sum(right) >= 0.9 * len(right)


def test_parameters_are_set_by_name() -> None:
    recipe = Recipe(name="other")
    detector = Detector().set_params(recipe=recipe, random_state=3)
    assert detector.get_params() == {"recipe": recipe, "random_state": 3}
    assert detector.name == "other@1"


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(ValueError, match="colour"):
        Detector().set_params(colour="red")


@pytest.mark.parametrize("act", ["score", "calibrate", "save", "predict"])
def test_an_unfitted_detector_says_so(act: str, tmp_path: Path) -> None:
    argument = str(tmp_path / "out") if act == "save" else [PLAIN]
    with pytest.raises(DetectorError, match="not been fitted"):
        getattr(Detector(), act)(argument)


def test_an_unknown_detector_is_refused() -> None:
    with pytest.raises(DetectorError, match="no-such-detector"):
        load_detector("no-such-detector")
