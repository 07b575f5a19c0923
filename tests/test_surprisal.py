"""Surprisal: what is read off a language model's logits, the measures made of it, the cache."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from provenance.errors import DetectorError
from provenance.features import surprisal
from provenance.features.cache import EmbeddingCache
from provenance.features.surprisal import HiddenStates, SurprisalFeatures
from provenance.features.surprisal_measures import MEASURES, measure
from provenance.features.surprisal_tokens import LanguageModel, TokenTrace, language_model

TEXT = "The river was calm. The boats lay still!"


def trace(surprisal: list[float], entropy: float = 2.0, ends: tuple[int, ...] = ()) -> TokenTrace:
    """Give a trace with these surprisals and all else alike."""
    s = np.array(surprisal, float)
    same = np.full(len(s), entropy)
    no = np.zeros(len(s), bool)
    ends_sentence = no.copy()
    ends_sentence[list(ends)] = True
    return TokenTrace(s, np.log1p(np.round(s)), same, np.ones(len(s)), np.zeros(len(s)), no, no, ends_sentence)


def measured(given: TokenTrace) -> dict[str, float]:
    return dict(zip(MEASURES, measure(given).tolist(), strict=True))


def judged(reader: LanguageModel, text: str, max_tokens: int) -> TokenTrace:
    found = reader.read(text, max_tokens).trace
    assert found is not None
    return found


@pytest.fixture(scope="module")
def reader(tiny_lm: Path) -> LanguageModel:
    return language_model(str(tiny_lm), "float32")


def test_token_statistics_are_those_of_the_plain_definition(tiny_lm: Path, reader: LanguageModel) -> None:
    import torch
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

    ids = PreTrainedTokenizerFast.from_pretrained(tiny_lm)(TEXT)["input_ids"]
    start = PreTrainedTokenizerFast.from_pretrained(tiny_lm).convert_tokens_to_ids("<|endoftext|>")
    with torch.no_grad():
        logits = LlamaForCausalLM.from_pretrained(tiny_lm)(torch.tensor([[start, *ids]])).logits[0, :-1]
    log_p = logits.double().log_softmax(-1).numpy()
    own = log_p[np.arange(len(ids)), ids]
    p = np.exp(log_p)
    got = judged(reader, TEXT, 100)
    np.testing.assert_allclose(got.surprisal, -own, atol=1e-4)
    np.testing.assert_allclose(got.log_rank, np.log1p((log_p > own[:, None]).sum(1)), atol=1e-4)
    np.testing.assert_allclose(got.entropy, -(p * log_p).sum(1), atol=1e-4)
    np.testing.assert_allclose(got.variance, (p * log_p**2).sum(1) - (p * log_p).sum(1) ** 2, atol=1e-3)
    np.testing.assert_allclose(got.best, -log_p.max(1), atol=1e-4)


def test_tokens_beyond_the_limit_are_not_read(reader: LanguageModel) -> None:
    assert len(judged(reader, TEXT, 7)) == 7
    assert len(judged(reader, "a" * 100_000, 7)) == 7
    assert judged(reader, TEXT, 7).surprisal.tolist() == pytest.approx(
        judged(reader, TEXT, 20).surprisal[:7].tolist(), abs=1e-4
    )


def test_no_more_tokens_are_read_than_the_model_has_places(reader: LanguageModel) -> None:
    assert len(judged(reader, TEXT * 100, 10_000)) == 255


def test_tokens_know_words_marks_and_ends_of_sentences(reader: LanguageModel) -> None:
    got = judged(reader, "a cat. No!", 100)
    assert got.is_mark.tolist() == [c in " .!" for c in "a cat. No!"]
    assert got.ends_sentence.tolist() == [c in ".!" for c in "a cat. No!"]


def test_a_text_the_model_expects_measures_as_likely() -> None:
    likely, rare = measured(trace([0.1] * 40)), measured(trace([9.0] * 40))
    assert likely["log_prob"] == pytest.approx(-0.1)
    assert likely["top_1"] == 1
    assert rare["top_1"] == rare["top_10"] - 1 == 0
    assert likely["log_prob_minus_expected"] > 0 > rare["log_prob_minus_expected"]
    assert likely["curvature"] == pytest.approx((2 - 0.1) * np.sqrt(40), rel=1e-3)
    assert likely["curvature_per_token"] == pytest.approx(1.9, rel=1e-3)


def test_even_and_bursty_texts_of_the_same_mean_differ_in_spread_and_course() -> None:
    even, steps, bursts = (measured(trace(s)) for s in ([2.0] * 40, [0.0, 4.0] * 20, [0.0] * 20 + [4.0] * 20))
    assert even["log_prob"] == steps["log_prob"] == bursts["log_prob"]
    assert even["surprisal_sd"] == 0 < steps["surprisal_sd"]
    assert steps["surprisal_lag_1"] < -0.9 < 0.9 < bursts["surprisal_lag_1"]
    assert steps["surprisal_step"] == 4 > bursts["surprisal_step"] > even["surprisal_step"] == 0
    assert bursts["surprisal_fall"] == -4


def test_a_sentence_that_stands_out_shows_in_the_measures_of_sentences() -> None:
    got = measured(trace([1.0] * 5 + [7.0] * 5 + [1.0] * 5, ends=(4, 9, 14)))
    assert (got["sentence_min"], got["sentence_max"]) == (1, 7)
    assert got["sentence_step"] == 6
    assert measured(trace([1.0] * 15))["sentence_sd"] == 0


def test_no_token_gives_zeros_and_one_token_finite_numbers() -> None:
    assert not measure(trace([])).any()
    for n in (1, 2, 3, 4, 5):
        assert np.isfinite(measure(trace([3.0] * n))).all()


def test_names_are_distinct_and_those_of_the_columns(tiny_lm: Path) -> None:
    assert len(set(MEASURES)) == len(MEASURES)
    names = SurprisalFeatures(model=tiny_lm).fit([]).get_feature_names_out()
    assert tuple(names) == MEASURES


def test_artefacts_of_storage_do_not_move_a_row(tiny_lm: Path) -> None:
    a, b = SurprisalFeatures(model=tiny_lm).fit([]).transform(["It’s  fine", "It's fine"])
    assert np.array_equal(a, b)


def test_bfloat16_layers_give_nearly_the_same_measures(tiny_lm: Path) -> None:
    column = MEASURES.index("log_prob")
    fine, coarse = (SurprisalFeatures(tiny_lm, precision=p).fit_transform([TEXT])[0] for p in ("float32", "bfloat16"))
    assert 0 < abs(fine[column] - coarse[column]) < 0.05


def test_a_second_run_reads_the_cache_and_other_settings_do_not(tiny_lm: Path, tmp_path: Path, monkeypatch: Any) -> None:
    cache = EmbeddingCache(tmp_path)
    first = SurprisalFeatures(tiny_lm, cache=cache).fit_transform([TEXT, ""])
    read: list[str] = []
    monkeypatch.setattr(surprisal, "measure", lambda given: read.append("again") or measure(given))
    assert SurprisalFeatures(tiny_lm, cache=cache).fit_transform([TEXT, ""]).tobytes() == first.tobytes()
    assert read == []
    other = SurprisalFeatures(tiny_lm, cache=cache, max_tokens=5).fit_transform([TEXT])
    assert read == ["again"]
    assert not np.array_equal(other[0], first[0])


def test_the_state_is_the_mean_over_tokens_of_what_one_layer_gives(tiny_lm: Path) -> None:
    import torch
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast.from_pretrained(tiny_lm)
    ids = [tokenizer.convert_tokens_to_ids("<|endoftext|>"), *tokenizer(TEXT)["input_ids"]]
    with torch.no_grad():
        states = LlamaForCausalLM.from_pretrained(tiny_lm)(torch.tensor([ids]), output_hidden_states=True).hidden_states
    row = HiddenStates(tiny_lm, layer=1, precision="float32").fit_transform([TEXT])[0]
    np.testing.assert_allclose(row, states[1][0, 1:].mean(dim=0).numpy(), atol=1e-5)


def test_one_pass_gives_measures_and_state_as_two_passes_do(tiny_lm: Path) -> None:
    both = SurprisalFeatures(tiny_lm, state_layer=1).fit([])
    rows = both.transform([TEXT, ""])
    assert list(both.get_feature_names_out()[-2:]) == ["state_30", "state_31"]
    np.testing.assert_allclose(rows[:, : len(MEASURES)], SurprisalFeatures(tiny_lm).fit_transform([TEXT, ""]), atol=1e-5)
    np.testing.assert_allclose(rows[:, len(MEASURES) :], HiddenStates(tiny_lm, layer=1).fit_transform([TEXT, ""]), atol=1e-5)


@pytest.mark.parametrize("layer", [0, 3, -1])
def test_a_layer_that_is_not_there_is_refused(tiny_lm: Path, layer: int) -> None:
    with pytest.raises(ValueError, match="must be within 1 to 2"):
        HiddenStates(tiny_lm, layer=layer).fit([])


@pytest.mark.parametrize("wrong", [{"max_tokens": 0}, {"precision": "int8"}], ids=str)
def test_a_parameter_out_of_its_range_is_refused_by_fit(tiny_lm: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} is .* must be"):
        SurprisalFeatures(tiny_lm, **wrong).fit([])


def test_a_folder_without_a_model_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(DetectorError, match="no language model at") as caught:
        SurprisalFeatures(model=tmp_path).fit([])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("damaged", ["model.safetensors", "tokenizer.json", "config.json"])
def test_a_damaged_model_is_one_clear_line(tiny_lm: Path, tmp_path: Path, damaged: str) -> None:
    for path in tiny_lm.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes() if path.name != damaged else b"{ no")
    with pytest.raises(DetectorError, match="cannot load the language model") as caught:
        SurprisalFeatures(model=tmp_path).fit([])
    assert "\n" not in str(caught.value)
