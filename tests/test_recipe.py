"""Recipes: those that ship load, and a mistake in one is told in a line."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from provenance.detect.recipe import Recipe, load_recipe, recipe_from
from provenance.errors import UsageError

SHIPPED = sorted(
    item.name.removesuffix(".toml")
    for item in files("provenance.models").joinpath("recipes").iterdir()
    if item.name.endswith(".toml")
)


def refusal(path: Path | str) -> str:
    with pytest.raises(UsageError) as caught:
        load_recipe(path)
    message = str(caught.value)
    assert "\n" not in message
    return message


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_recipe_loads_under_its_own_name(name: str) -> None:
    assert load_recipe(name).name == name


def test_fast_ships_without_an_embedder() -> None:
    assert load_recipe("fast").embedder == ""


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    path = written(tmp_path, 'name = "mine"\nmin_words = 80\nc = 3\nword_ngrams = [1, 2]\nexclude_sources = ["gpt2"]\n')
    wanted = Recipe(name="mine", min_words=80, c=3.0, word_ngrams=(1, 2), exclude_sources=("gpt2",))
    assert load_recipe(path) == wanted


def test_an_empty_file_is_the_standard_recipe(tmp_path: Path) -> None:
    assert load_recipe(written(tmp_path, "")) == Recipe()


def test_a_recipe_comes_back_from_its_plain_values() -> None:
    recipe = Recipe(name="x", exclude_sources=("a", "b"), prior=0.1)
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in recipe.to_dict().items()}
    assert recipe_from(plain, "here") == recipe


def test_an_unknown_key_is_named_with_the_known_ones(tmp_path: Path) -> None:
    message = refusal(written(tmp_path, "min_word = 50"))
    assert "'min_word'" in message
    assert "min_words" in message


@pytest.mark.parametrize(
    "line",
    ['min_words = "50"', "min_words = 50.5", "min_words = true", 'c = "high"', "name = 3", "exclude_sources = 'gpt2'",
     "strip_openings = 1", "word_ngrams = 3", "[bits]\nx = 1"],
)  # fmt: skip
def test_a_value_of_another_type_is_refused_with_its_key(tmp_path: Path, line: str) -> None:
    key = line.strip("[").split("]")[0].split(" ")[0]
    assert repr(key) in refusal(written(tmp_path, line))


@pytest.mark.parametrize("text", ["min_words 50", "\udcff\udcfe\udc80", "= 1", "a = 1\na = 2", "\0"])
def test_what_is_no_toml_is_refused(tmp_path: Path, text: str) -> None:
    assert "TOML" in refusal(written(tmp_path, text))


def test_a_recipe_that_is_not_there_is_refused_with_those_that_ship(tmp_path: Path) -> None:
    message = refusal(tmp_path / "none.toml")
    assert "none.toml" in message
    assert all(name in message for name in SHIPPED)


def test_a_folder_is_no_recipe(tmp_path: Path) -> None:
    assert "no recipe" in refusal(tmp_path)


@pytest.mark.parametrize(
    "line",
    ["prior = 0", "prior = 1.0", "prior = nan", "bits = 9", "bits = 25", "bits = 64", "c = 0", "c = -1", "c = nan", "c = inf",
     "word_ngrams = [1]", "word_ngrams = [3, 1]", "word_ngrams = [1, 9]", 'word_ngrams = ["a", 2]', "word_ngrams = [1.0, 2.0]",
     "skeleton_ngrams = [0, 2]", "word_ngrams = [true, true]", "min_words = 0", "folds = 1", "folds = -3", "version = 0",
     "lower_case_share = 1.5", "strip_markdown_share = -0.1", "style_scale = inf", "style_scale = -1", "per_corpus = 0",
     "calibration_per_corpus = 0", "max_iter = 0", "shortest = 0", "longest = -1", "exclude_sources = [3]", 'name = ""',
     'name = "a b"', 'name = "\\u001b[31m"', "n_common = -1", "min_documents = 0", "encoder_rate = 0"],
)  # fmt: skip
def test_a_value_out_of_its_range_is_refused_with_its_key(tmp_path: Path, line: str) -> None:
    message = refusal(written(tmp_path, line))
    assert repr(line.split(" ")[0]) in message
    assert "wanted" in message


def test_windows_cannot_be_longer_at_least_than_at_most(tmp_path: Path) -> None:
    message = refusal(written(tmp_path, "shortest = 300\nlongest = 200"))
    assert "'shortest'" in message
    assert "200" in message


def test_a_recipe_reads_some_ngrams(tmp_path: Path) -> None:
    assert "n-grams" in refusal(written(tmp_path, "word_ngrams = [0, 0]\nskeleton_ngrams = [0, 0]"))
    assert load_recipe(written(tmp_path, "word_ngrams = [0, 0]")).word_ngrams == (0, 0)
