"""Near copies are found and verified: what counts as the same, what as a part, and what must not match."""

from __future__ import annotations

import random

import numpy as np
import pytest
import trace_texts as made
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.corpus.entries import entry_batch
from provenance.corpus.index import Index
from provenance.corpus.index_build import SourceFacts, build_index
from provenance.corpus.minhash import BOTTOM, sketch
from provenance.corpus.shingles import fold, shingle_hashes, word_batch
from provenance.corpus.trace import TraceTally, trace_documents
from provenance.documents import Document
from provenance.errors import InputError, UsageError

FACTS = SourceFacts("made-up", "Made-up answers", "CC BY 4.0", "us", "model-x", "nowhere")


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trace") / "index"
    build_index(made.documents_of(400), folder, FACTS)
    return Index(folder)


def trace(index, *texts, **options):
    documents = [text if isinstance(text, Document) else Document(f"q{k}", text) for k, text in enumerate(texts)]
    return list(trace_documents(documents, index, **options))


def jaccard(one, other, length=3):
    """Compute the similarity from strings, as the reference."""
    sets = []
    for text in (one, other):
        words = "".join(c if c.isalnum() else " " for c in text.casefold()).split()
        sets.append({tuple(words[k : k + length]) for k in range(len(words) - length + 1)})
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


ORIGINAL = made.text_of(7)
SAME = {
    "as it is": ORIGINAL,
    "in capitals": ORIGINAL.upper(),
    "with other white space": "\n\n  ".join(ORIGINAL.split(" ")) + "\t",
    "without punctuation": ORIGINAL.replace(".", ""),
    "in markdown": "**" + ORIGINAL.replace(". ", ".**\n- **") + "**",
    "with typographic marks": "“" + ORIGINAL.replace(". ", "…\u00a0— ") + "”",
    "with invisible characters": ORIGINAL.replace("a", "a\u200b"),
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_case_white_space_and_punctuation_do_not_count(index, text):
    (match,) = trace(index, text)
    assert (match["source_id"], match["match"], match["jaccard"], match["containment"]) == ("row-7", "copy", 1.0, 1.0)


def test_a_record_has_the_published_fields_and_the_facts_of_the_source(index):
    (match,) = trace(index, Document("mine", ORIGINAL))
    assert {
        "id": "mine", "source": "made-up", "source_id": "row-7", "field": "output", "jaccard": 1.0, "containment": 1.0,
        "text": ORIGINAL, "source_text": ORIGINAL, "licence": "CC BY 4.0", "generator": "model-1", "maker": "us",
        "schema_version": 1, "copies": 1,
    }.items() <= match.items()  # fmt: skip


@pytest.mark.parametrize(("start", "end"), [(0, 60), (60, 120), (30, 90)])
def test_half_a_text_is_found_by_containment(index, start, end):
    words = ORIGINAL.split()
    (match,) = trace(index, " ".join(words[start:end]))
    assert (match["source_id"], match["match"], match["in_source"], match["containment"]) == ("row-7", "part", 1.0, 1.0)
    assert match["jaccard"] < 0.55


def test_a_text_with_a_known_text_inside_is_found_by_containment(index):
    (match,) = trace(index, made.text_of(900_001, 200) + " " + ORIGINAL + " " + made.text_of(900_002, 300))
    assert (match["source_id"], match["match"], match["of_source"]) == ("row-7", "part", 1.0)
    assert match["in_source"] < 0.3


def test_copies_with_one_word_in_ten_changed_are_found_as_edited(index):
    texts = [made.edited(made.text_of(k), 0.1, seed=k) for k in range(100)]
    found = {match["id"]: match for match in trace(index, *texts)}
    assert sum(f"q{k}" in found and found[f"q{k}"]["source_id"] == f"row-{k}" for k in range(100)) >= 98
    assert {match["match"] for match in found.values()} <= {"edited", "part"}


def test_every_pair_at_jaccard_point_eight_is_found(index):
    rng = random.Random(3)
    wanted, texts = set(), []
    for k in range(300):
        text = made.edited(made.text_of(k), rng.uniform(0.0, 0.05), seed=k)
        texts.append(text)
        if jaccard(text, made.text_of(k)) >= 0.8:
            wanted.add((f"q{k}", f"row-{k}"))
    found = {(m["id"], m["source_id"]) for m in trace(index, *texts) if m["jaccard"] >= 0.8}
    assert len(wanted) > 100
    assert found == wanted


def test_jaccard_and_containment_are_those_of_the_sets_of_strings(index):
    for k in range(20):
        text = made.edited(made.text_of(k), 0.04, seed=k)
        for match in trace(index, text, threshold=0.3):
            assert match["jaccard"] == pytest.approx(jaccard(text, made.text_of(k)), abs=6e-5)


def test_unrelated_texts_do_not_match(index):
    assert trace(index, *(made.text_of(500_000 + k) for k in range(500)), threshold=0.2) == []


def test_texts_that_share_a_beginning_alone_do_not_match(index):
    beginning = " ".join(ORIGINAL.split()[:40])
    assert trace(index, beginning + " " + made.text_of(900_003, 120)) == []


def test_prompts_meet_prompts_and_answers_meet_answers_alone(index):
    prompt = made.text_of(100_007, 15)
    assert trace(index, prompt) == []  # the text is a known prompt, no known answer
    (match,) = trace(index, Document("a", made.text_of(900_004), prompt=prompt))
    assert (match["field"], match["source_id"], match["generator"]) == ("prompt", "row-7", None)
    both = trace(index, Document("a", ORIGINAL, prompt=prompt))
    assert [match["field"] for match in both] == ["output", "prompt"]
    assert [m["field"] for m in trace(index, Document("a", ORIGINAL, prompt=prompt), fields=("prompt",))] == ["prompt"]


def test_a_shared_prompt_is_not_counted_as_a_matched_document(index):
    tally = TraceTally()
    trace(index, Document("a", made.text_of(900_005), prompt=made.text_of(100_007, 15)), tally=tally)
    assert tally.matched == 0 and tally.sources["made-up", "prompt"].rows == 1


def test_short_texts_are_compared_from_five_words_on_and_counted_below(index):
    tally = TraceTally()
    assert trace(index, "Yes.", "No way", "", tally=tally) == []
    assert tally.documents == 3 and tally.too_short == {"output": 2}


def test_a_phrase_that_is_in_a_known_text_is_no_match(index):
    assert trace(index, " ".join(ORIGINAL.split()[20:32])) == []  # ten shingles: too few for a part


def test_matches_come_in_the_order_of_the_documents_and_the_closest_first(tmp_path):
    near = [Document(f"near-{k}", made.edited(ORIGINAL, 0.01 * k, seed=k)) for k in range(5)]
    build_index(near, tmp_path / "near", SourceFacts("near"))
    found = trace(Index(tmp_path / "near"), *([made.text_of(900_006)] * 700), ORIGINAL, made.edited(ORIGINAL, 0.02, seed=2))
    ids = [match["id"] for match in found]
    assert ids == sorted(ids) and set(ids) == {"q700", "q701"}
    first = [match["jaccard"] for match in found if match["id"] == "q700"]
    assert first == sorted(first, reverse=True) and len(first) == 5


def test_matches_beyond_the_limit_are_counted(tmp_path):
    near = [Document(f"near-{k}", made.edited(ORIGINAL, 0.02, seed=k)) for k in range(30)]
    build_index(near, tmp_path / "near", SourceFacts("near"))
    tally = TraceTally()
    found = trace(Index(tmp_path / "near"), ORIGINAL, limit=4, tally=tally)
    assert len(found) == 4 and tally.untold == 26 and tally.sources["near", "output"].matches == 30


def test_a_text_that_is_in_more_than_one_index_is_told_of_each(index, tmp_path):
    build_index([Document("other", ORIGINAL)], tmp_path / "other", SourceFacts("other"))
    found = list(trace_documents([ORIGINAL], [index, tmp_path / "other"]))
    assert [(match["source"], match["source_id"]) for match in found] == [("made-up", "row-7"), ("other", "other")]


def test_a_boilerplate_that_every_text_has_hides_no_copy(tmp_path):
    opening = made.text_of(900_007, 60)
    texts = [f"{opening} {made.text_of(k, 60)}" for k in range(600)]
    build_index([Document(f"row-{k}", text) for k, text in enumerate(texts)], tmp_path / "same", SourceFacts("same"))
    index = Index(tmp_path / "same")
    found = {(m["id"], m["source_id"]) for m in trace(index, *texts[::50]) if m["jaccard"] >= 0.8}
    assert found == {(f"q{k // 50}", f"row-{k}") for k in range(0, 600, 50)}
    assert trace(index, f"{opening} {made.text_of(900_008, 60)}") == []


def test_texts_without_spaces_between_words_are_compared_by_characters(tmp_path):
    rng = random.Random(5)
    text = "".join(chr(rng.randrange(0x4E00, 0x5E00)) for _ in range(80)) + "。"
    build_index([Document("zh", text)], tmp_path / "zh", SourceFacts("zh"))
    (match,) = trace(Index(tmp_path / "zh"), text[:40] + "，" + text[40:])
    assert match["jaccard"] == 1.0


def test_the_same_run_gives_the_same_records(index):
    texts = [made.edited(made.text_of(k), 0.03, seed=k) for k in range(50)]
    assert trace(index, *texts) == trace(index, *texts)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"threshold": 0}, "threshold is 0"),
        ({"threshold": 1.5}, "at most 1"),
        ({"fields": ("text",)}, "output, prompt"),
        ({"fields": ()}, "some of"),
    ],
)
def test_settings_out_of_range_are_refused_at_once(index, options, said):
    with pytest.raises(UsageError, match=said):
        trace_documents([ORIGINAL], index, **options)


def test_no_index_is_refused_at_once(tmp_path):
    with pytest.raises(UsageError, match="no index"):
        trace_documents([ORIGINAL], [])
    with pytest.raises(InputError, match="no index"):
        trace_documents([ORIGINAL], tmp_path / "nowhere")


def test_documents_are_read_as_they_are_needed(index):
    taken = []

    def stream():
        for k in range(5000):
            taken.append(k)
            yield ORIGINAL

    next(trace_documents(stream(), index))
    assert len(taken) <= 512


def test_words_join_letters_and_digits_and_part_at_all_else():
    batch = word_batch(["gpt4 well-known don't x_y", "GPT4, WELL KNOWN: don’t (x) y", "gpt 4"])
    assert batch.lengths.tolist() == [6, 6, 2]
    assert batch.hashes[:6].tolist() == batch.hashes[6:12].tolist()
    assert batch.hashes[12] != batch.hashes[0]


@given(st.lists(st.text(max_size=60), max_size=6))
@settings(max_examples=60, deadline=None)
def test_words_of_a_text_do_not_depend_on_its_neighbours(texts):
    batch = word_batch(texts)
    for k, text in enumerate(texts):
        alone = word_batch([text]).hashes
        assert alone.tolist() == batch.hashes[batch.offsets[k] : batch.offsets[k + 1]].tolist()


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_folding_twice_changes_no_word(text):
    assert word_batch([fold(text)]).hashes.tolist() == word_batch([fold(fold(text))]).hashes.tolist()


def test_shingles_do_not_run_from_one_text_into_the_next():
    batch = word_batch(["a b c d e f", "g h i j", "k l m n o"])
    _, valid = shingle_hashes(batch, np.zeros(3, np.uint64))
    assert valid.tolist() == [True] * 4 + [False] * 2 + [False] * 4 + [True] * 3 + [False] * 2


def test_a_sketch_has_the_smallest_hashes_and_a_share_of_the_others():
    hashes = np.random.default_rng(0).integers(0, 1 << 64, 4020, dtype=np.uint64)
    text_of = np.repeat([0, 1, 2], [4000, 20, 0]).astype(np.int64)
    keys, owners = sketch(hashes, text_of, 3)
    first, second = keys[owners == 0], keys[owners == 1]
    assert 900 < len(first) < 1100 and (first < (1 << 38)).all()
    assert set(np.sort(hashes[4000:] >> np.uint64(24))[:BOTTOM].tolist()) <= set(second.tolist())
    assert not (owners == 2).any()


def test_an_entry_is_made_of_each_text_and_prompt_that_is_not_empty():
    batch = entry_batch([Document("a", "text", prompt="prompt"), Document("b", "", prompt="p"), Document("c", "t")])
    assert batch.owners.tolist() == [0, 0, 1, 2] and batch.fields.tolist() == [0, 1, 1, 0]
