"""Readers of published schemas, on small files in the true schema; every text here was written for the test."""

from __future__ import annotations

import json
import pickle  # noqa: TID251  (to write what the reader must read without it)
import sys
from types import ModuleType

import pytest

from provenance.corpora import CORPORA, find_corpus, is_corpus_name, open_corpus
from provenance.corpora.card import card_of
from provenance.corpora.makers import maker_of
from provenance.corpora.pickles import read_text_list
from provenance.corpora.sources import cached_path
from provenance.corpora.splits import split_of_name
from provenance.errors import InputError
from provenance.writing import write_jsonl


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def lines(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def read(name, path, **options):
    with open_corpus(f"{name}:{path}", **options) as reading:
        return list(reading)


def facts(document, *names):
    return tuple(getattr(document, name) for name in names)


def test_hc3_gives_both_sides_of_a_question_as_one_group(tmp_path):
    row = {
        "index": 12, "question": "Why is rain wet ?", "source": "open_qa",
        "human_answers": ["It is water , so .", "Because ."], "chatgpt_answers": ["Rain is wet because it is water."],
    }  # fmt: skip
    found = read("hc3", lines(tmp_path / "all.jsonl", row, {**row, "index": 13}))
    assert [d.label for d in found] == ["human", "human", "llm"] * 2
    assert facts(found[2], "source", "family", "domain", "prompt") == ("chatgpt", "openai", "open_qa", "Why is rain wet ?")
    assert len({d.group for d in found[:3]}) == 1 and found[0].group != found[3].group
    assert {d.meta["corpus"] for d in found} == {"hc3"}


def test_raid_groups_by_the_human_text_and_keeps_attack_and_decoding(tmp_path):
    head = "id,adv_source_id,source_id,model,decoding,repetition_penalty,attack,domain,title,prompt,generation\n"
    body = (
        'a1,,s1,human,,,none,news,Ferry,,"People wrote, this."\n'
        "a2,a0,s1,gpt4,greedy,no,paraphrase,news,Ferry,Write news,The model wrote it.\n"
        "a3,a1,s1,human,,,homoglyph,news,Ferry,,Peoplе wrote this.\n"
    )
    (tmp_path / "train.csv").write_text(head + body)
    human, model, attacked = read("raid", tmp_path / "train.csv")
    assert facts(human, "label", "source", "group", "domain") == ("human", "human", "raid/s1", "news")
    assert facts(model, "label", "source", "family", "group") == ("llm", "gpt4", "openai", "raid/s1")
    assert (human.meta["attack"], model.meta["attack"], attacked.meta["attack"]) == (None, "paraphrase", "homoglyph")
    assert attacked.label == "human" and model.meta["decoding"] == "greedy"
    assert human.meta["split"] == "train"


def test_mage_reads_one_as_human(tmp_path):
    rows = 'text,label,src\n"A person\'s line.",1,xsum_human\nA model goes on.,0,xsum_machine_continuation_opt_30b\n'
    (tmp_path / "valid.csv").write_text(rows)
    human, model = read("mage", tmp_path / "valid.csv")
    assert facts(human, "label", "source", "domain") == ("human", "human", "xsum")
    assert facts(model, "label", "source", "family") == ("llm", "opt_30b", "meta")
    assert model.meta["prompted"] == "continuation" and model.meta["attack"] is None and model.group is None
    (tmp_path / "test_ood_set_gpt_para.csv").write_text(rows)
    assert read("mage", tmp_path / "test_ood_set_gpt_para.csv")[1].meta["attack"] == "paraphrase"


def test_m4_joins_the_files_of_all_generators_by_source_id(tmp_path):
    row = {"prompt": "Write on tides", "human_text": "Tides come.", "source": "arxiv", "source_ID": 704.0007}
    lines(tmp_path / "m4" / "arxiv_chatGPT.jsonl", {**row, "machine_text": "Tides arrive.", "model": "gpt-3.5-turbo"})
    lines(tmp_path / "m4" / "arxiv_cohere.jsonl", {**row, "machine_text": "Tides rise.", "model": "cohere"})
    found = read("m4", tmp_path / "m4")
    assert len(found) == 4 and len({d.group for d in found}) == 1
    assert [d.source for d in found] == ["human", "gpt-3.5-turbo", "human", "cohere"]
    assert [d.family for d in found] == ["human", "openai", "human", "other"]


def test_ghostbuster_reads_label_source_and_group_from_the_place_of_a_text(tmp_path):
    texts = {
        "essay/human/1.txt": "A pupil's essay.", "essay/gpt/1.txt": "An essay by gpt.", "essay/claude/1.txt": "One by Claude.",
        "essay/gpt_prompt1/1.txt": "Another prompt.", "essay/prompts/1.txt": "Write an essay.",
        "essay/gpt/logprobs/1-davinci.txt": "A -0.5", "reuter/human/AnnAuthor/7.txt": "News by Ann.",
        "reuter/gpt/AnnAuthor/7.txt": "News by gpt.",
    }  # fmt: skip
    for name, text in texts.items():
        place = tmp_path / "data" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    with open_corpus(f"ghostbuster:{tmp_path / 'data'}") as reading:
        found = {d.text: d for d in reading}
        assert reading.passed_over == 2
    assert facts(found["A pupil's essay."], "label", "source", "domain") == ("human", "human", "essay")
    assert facts(found["One by Claude."], "label", "source", "family") == ("llm", "claude", "anthropic")
    assert found["Another prompt."].meta["prompted"] == "gpt_prompt1"
    assert len({found[t].group for t in ("A pupil's essay.", "An essay by gpt.", "Another prompt.")}) == 1
    assert found["News by Ann."].group == found["News by gpt."].group and found["News by Ann."].domain == "news"


def test_ghostbuster_refuses_texts_that_lie_elsewhere(tmp_path):
    (tmp_path / "one.txt").write_text("A text.")
    with pytest.raises(InputError, match="essay/, reuter/ and wp/"):
        read("ghostbuster", tmp_path / "one.txt")


def test_detectrl_reads_attack_and_domain_from_data_type_and_file_name(tmp_path):
    rows = [
        {"text": "An abstract by people.", "label": "human", "data_type": "abstract", "llm_type": "ChatGPT"},
        {"text": "Made plainly.", "label": "llm", "data_type": "direct_prompt", "llm_type": "Claude-instant"},
        {"text": "Put through DIPPER.", "label": "llm", "data_type": "paraphrase_dipper_llm", "llm_type": "Google-PaLM"},
        {"text": "Words changed.", "label": "human", "data_type": "perturbation_word_human", "llm_type": "ChatGPT"},
    ]
    place = tmp_path / "multi_domains_arxiv_test.json"
    place.write_text(json.dumps(rows))
    found = read("detectrl", place)
    assert [d.label for d in found] == ["human", "llm", "llm", "human"]
    assert [d.source for d in found] == ["human", "Claude-instant", "Google-PaLM", "human"]
    assert [d.family for d in found] == ["human", "anthropic", "google", "human"]
    assert [d.meta["attack"] for d in found] == [None, None, "paraphrase", "perturb-word"]
    assert {d.domain for d in found} == {"abstract"} and {d.meta["split"] for d in found} == {"test"}


def test_outfox_reads_pickled_lists_and_joins_them_by_place(tmp_path):
    lists = {
        "common/test/test_humans.pkl": ["A pupil wrote.", "Another did."],
        "common/test/test_problem_statements.pkl": ["Should homework end?", "Are phones bad?"],
        "chatgpt/test/test_lms.pkl": ["In conclusion, yes.", "Overall, no."],
        "chatgpt/test/test_outfox_attacks.pkl": ["Well, yes.", "Well, no."],
        "dipper/flan_t5_xxl/test_attacks.pkl": ["Yes it should.", "No they are not."],
        "text_davinci_003/test/preprocessed_test_lms.pkl": ["Davinci says yes.", "Davinci says no."],
        "chatgpt/test/test_contexts.pkl": ["a prompt", "a prompt"],
    }
    for name, texts in lists.items():
        place = tmp_path / "data" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(pickle.dumps(texts))
    found = {d.text: d for d in read("outfox", tmp_path / "data")}
    assert len(found) == 10 and len({d.id for d in found.values()}) == 10
    assert facts(found["A pupil wrote."], "label", "prompt") == ("human", "Should homework end?")
    assert found["Well, yes."].meta["attack"] == "prompt" and found["Yes it should."].meta["attack"] == "paraphrase"
    assert facts(found["Yes it should."], "source", "family") == ("flan_t5_xxl", "google")
    assert facts(found["Davinci says no."], "source", "family") == ("text_davinci_003", "openai")
    firsts = ("A pupil wrote.", "In conclusion, yes.", "Well, yes.", "Yes it should.", "Davinci says yes.")
    assert len({found[text].group for text in firsts}) == 1


@pytest.mark.parametrize("protocol", range(6))
def test_lists_of_texts_are_read_from_pickles_of_every_protocol(tmp_path, protocol):
    texts = ["plain", "grüße\nand 'quotes'", "plain", None, "x" * 300] + [f"text {k}" for k in range(3000)]
    (tmp_path / "t.pkl").write_bytes(pickle.dumps(texts, protocol=protocol))
    assert read_text_list(tmp_path / "t.pkl") == texts


class Evil:
    def __reduce__(self):
        return (exec, ("raise SystemExit('it ran')",))


@pytest.mark.parametrize(
    "data", [pickle.dumps([Evil()]), pickle.dumps({"a": 1}), pickle.dumps([["nested"]]), b"\x80\x04]\x94(", b"no pickle", b""]
)
def test_a_pickle_of_anything_else_is_refused_and_nothing_in_it_runs(tmp_path, data):
    (tmp_path / "t.pkl").write_bytes(data)
    with pytest.raises(InputError, match="t.pkl"):
        read_text_list(tmp_path / "t.pkl")


def test_hc3_plus_reads_one_as_chatgpt_and_the_kind_from_the_file(tmp_path):
    rows = [{"text": "Storm hits coast .", "label": 0}, {"text": "A storm has hit the coast.", "label": 1}]
    human, model = read("hc3-plus", lines(tmp_path / "val_hc3_si.jsonl", *rows))
    assert facts(human, "label", "source", "domain") == ("human", "human", "summary/translation/paraphrase")
    assert facts(model, "label", "source", "family") == ("llm", "chatgpt", "openai")
    assert human.meta["split"] == "valid" and "label" not in human.meta
    assert read("hc3-plus", lines(tmp_path / "test_hc3_QA.jsonl", *rows))[0].domain == "qa"


def test_alpaca_eval_groups_by_instruction_and_ids_hold_the_model(tmp_path):
    rows = [{"instruction": "Name a bird", "output": "A wren.", "generator": name, "dataset": "koala"} for name in ("m1", "m2")]
    for k, row in enumerate(rows):
        (tmp_path / "results" / f"m{k}").mkdir(parents=True)
        (tmp_path / "results" / f"m{k}" / "model_outputs.json").write_text(json.dumps([row]))
    one, other = read("alpaca-eval", tmp_path / "results")
    assert facts(one, "label", "source", "domain", "group") == ("llm", "m1", "koala", "Name a bird")
    assert one.group == other.group and one.id != other.id


def test_arena_hard_is_read_in_both_of_its_schemas(tmp_path):
    old = {
        "question_id": "q1", "answer_id": "a", "model_id": "gpt-4-0613", "tstamp": 1.0,
        "choices": [{"index": 0, "turns": [{"content": "Use a loop.", "token_len": 4}]}],
    }  # fmt: skip
    new = {
        "uid": "u1", "ans_id": "b", "model": "o3-mini-2025-01-31", "tstamp": 2.0, "metadata": {},
        "messages": [{"role": "user", "content": "How?"}, {"role": "assistant", "content": {"answer": "Use a map."}}],
    }  # fmt: skip
    (first,) = read("arena-hard", lines(tmp_path / "v0.jsonl", old))
    assert facts(first, "text", "label", "source", "family", "group") == ("Use a loop.", "llm", "gpt-4-0613", "openai", "q1")
    (second,) = read("arena-hard", lines(tmp_path / "v2.jsonl", new))
    assert facts(second, "text", "source", "family", "group") == ("Use a map.", "o3-mini-2025-01-31", "openai", "u1")


def test_mt_bench_gives_both_turns_as_one_group(tmp_path):
    row = {
        "question_id": 81, "answer_id": "x", "model_id": "vicuna-13b-v1.3", "tstamp": 1.0,
        "choices": [{"index": 0, "turns": ["First answer.", "Second answer."]}],
    }  # fmt: skip
    found = read("mt-bench", lines(tmp_path / "vicuna.jsonl", row))
    assert [d.text for d in found] == ["First answer.", "Second answer."]
    assert {facts(d, "label", "source", "family", "group") for d in found} == {("llm", "vicuna-13b-v1.3", "other", "81")}


def test_sharegpt_gives_assistant_turns_of_a_conversation_as_one_group(tmp_path):
    turns = [("human", "Hi"), ("gpt", "Hello."), ("human", "Why?"), ("gpt", "Because.")]
    row = {"id": "QWJhYvA_0", "conversations": [{"from": who, "value": text} for who, text in turns]}
    (tmp_path / "sg.json").write_text(json.dumps([row]))
    found = read("sharegpt", tmp_path / "sg.json")
    assert [facts(d, "text", "label", "source", "prompt") for d in found] == [
        ("Hello.", "llm", "chatgpt", "Hi"), ("Because.", "llm", "chatgpt", "Why?"),
    ]  # fmt: skip
    assert {d.group for d in found} == {"QWJhYvA_0"}


def test_bad_rows_are_reported_and_the_others_read(tmp_path):
    place = lines(tmp_path / "x.jsonl", {"text": "Fine.", "label": 0}, {"text": 5, "label": 0}, {"text": "Too.", "label": 1})
    bad = []
    assert len(read("hc3-plus", place, on_bad=bad.append)) == 2
    assert len(bad) == 1 and bad[0].line == 2


@pytest.mark.parametrize("name", CORPORA)
def test_every_corpus_has_a_card_that_says_licence_groups_and_traps(name):
    corpus = find_corpus(name)
    card = card_of(corpus)
    assert corpus.licence in card and corpus.grouped_by in card and all(trap in card for trap in corpus.traps)
    assert corpus.home.startswith("https://") and (corpus.adapt is None) != (corpus.read is None)
    json.dumps(corpus.to_dict())


def test_the_registry_holds_the_corpora_that_it_promises():
    wanted = {"hc3", "raid", "mage", "m4", "ghostbuster", "detectrl", "outfox", "hc3-plus"}
    assert wanted | {"alpaca-eval", "arena-hard", "mt-bench", "sharegpt"} <= set(CORPORA)


def test_a_file_of_that_name_comes_before_a_corpus(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert is_corpus_name("hc3") and is_corpus_name("hc3:some/file") and not is_corpus_name("essays")
    (tmp_path / "hc3").mkdir()
    assert not is_corpus_name("hc3")


class Hub(ModuleType):
    """Stand-in for `datasets`."""

    def __init__(self, answer):
        super().__init__("datasets")
        self.answer, self.asked = answer, []

    def load_dataset(self, builder, **options):
        self.asked.append((builder, options))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_the_hub_is_asked_only_for_a_corpus_that_was_named_and_streams(monkeypatch):
    rows = [{"question": "Why?", "human_answers": ["So ."], "chatgpt_answers": ["Because."], "source": "finance"}]
    hub = Hub({"train": rows})
    monkeypatch.setitem(sys.modules, "datasets", hub)
    is_corpus_name("hc3"), card_of(find_corpus("hc3"))
    assert hub.asked == []
    found = list(open_corpus("hc3"))
    assert hub.asked[0][0] == "json" and hub.asked[0][1]["streaming"] is True
    assert [d.label for d in found] == ["human", "llm"]
    assert {d.meta["split"] for d in found} == {"train"} and {d.meta["corpus"] for d in found} == {"hc3"}


def test_a_hub_that_cannot_be_reached_is_one_line_that_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", Hub(ConnectionError("no route\nto host")))
    with pytest.raises(InputError, match=r"cannot be read from the hub \(ConnectionError: no route\).*hc3:PATH") as caught:
        open_corpus("hc3")
    assert "\n" not in str(caught.value)


def test_a_stream_that_breaks_off_is_an_error_and_no_short_corpus(monkeypatch):
    def rows():
        yield {"text": "One.", "label": 1, "src": "xsum_human"}
        raise TimeoutError("gone")

    monkeypatch.setitem(sys.modules, "datasets", Hub({"train": rows()}))
    reading = iter(open_corpus("mage"))
    next(reading)
    with pytest.raises(InputError, match="TimeoutError"):
        next(reading)


def test_a_copy_in_the_cache_is_read_without_the_hub(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "datasets", Hub(AssertionError("asked the hub")))
    place = cached_path("hc3")
    place.parent.mkdir(parents=True)
    write_jsonl([{"id": "1", "text": "Kept.", "label": "human", "corpus": "hc3", "group": "g"}], place)
    (found,) = open_corpus("hc3")
    assert facts(found, "text", "label", "group") == ("Kept.", "human", "g") and found.meta["corpus"] == "hc3"


@pytest.mark.parametrize(("name", "told"), [("m4", "not on the hub"), ("nope", "registered are"), ("hc3:none", "no such file")])
def test_what_cannot_be_opened_says_what_was_wanted(name, told):
    with pytest.raises(InputError, match=told):
        open_corpus(name)


@pytest.mark.parametrize(
    ("name", "maker"),
    [
        ("gpt-4o", "openai"), ("o3-mini", "openai"), ("claude-3-5-sonnet", "anthropic"), ("gemini-1.5-flash", "google"),
        ("llama-2-70b-chat", "meta"), ("Mixtral-8x7B", "mistral"), ("DeepSeek-R1", "deepseek"), ("Qwen2.5-72B", "qwen"),
        ("gpt-j-6b", "other"), ("alpaca-7b", "other"), ("human", "human"), (None, None), ("mpt-30b", "other"),
    ],
)  # fmt: skip
def test_makers_are_told_by_the_names_of_models(name, maker):
    assert maker_of(name) == maker


@pytest.mark.parametrize(
    ("name", "split"),
    [("train.csv", "train"), ("data/en/val_hc3_QA.jsonl", "valid"), ("latest.jsonl", None), ("test_ood_set_gpt.csv", "test")],
)
def test_splits_are_told_by_the_names_of_files(name, split):
    assert split_of_name(name) == split
