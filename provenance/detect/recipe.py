"""The recipe: every choice that makes a detector, on record in its folder."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, fields
from importlib.resources import files
from pathlib import Path

from provenance.detect.ranges import check_ranges
from provenance.errors import UsageError

FAMILIES: tuple[str, ...] = ("openai", "anthropic", "google", "meta", "mistral", "deepseek", "qwen")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a detector is made; all lengths are in words.

    Attributes
    ----------
    name, version : str, int
        Together the detector's name in its records, as in ``fast@1``.
    description : str
        One line for ``provenance models list``.
    bits : int
        N-grams are hashed into ``2**bits`` buckets.
    word_ngrams, skeleton_ngrams : tuple of (int, int)
        Lowest and highest n; (0, 0) leaves the kind out.
    n_common : int
        Words that a skeleton keeps.
    min_documents, min_corpora : int
        An n-gram is kept if it stands in so many training windows and in so many corpora (at most half of those there).
    style_scale, c, max_iter : float, float, int
        Weight of the standardised style measures beside the n-grams; inverse strength and steps of the L2-regularised
        logistic regression.
    family_c : float
        Inverse strength for the makers, chosen by log-loss on prompts left out: a large one names makers too boldly.
    shortest, longest : int
        Bounds of the random windows that are trained on.
    per_corpus : int
        Windows of one label taken from one corpus, at most.
    lower_case_share, strip_markdown_share : float
        Share of windows that are lower-cased, or stripped of markdown.
    strip_openings : bool
        Take "Sure! Here is ..." off before the windows are cut.
    exclude_sources : tuple of str
        Base models whose continuations are kept out.
    exclude_kinds : tuple of str
        Corpora, or ``corpus/domain``, whose labels are known to be wrong: neither trained nor calibrated on.
    exclude_unusable : bool
        Leave rows out whose field `usable` is false.
    embedder : str
        Empty, or the sentence-transformers model whose embeddings are added ('minilm' is the packaged one).
    embedder_layers : int
        Layers of the embedder that are used, 0 for all.
    encoder_layers : int
        Layers of the packaged sentence encoder that are tuned, 0 for no style encoder.
    encoder_steps, encoder_rate : int, float
        Most steps of its tuning, and their largest learning rate.
    surprisal : bool
        Whether a small language model's reading of the text is added.
    extras_per_corpus : int
        Windows of one label and corpus that embedder, encoder and language model are joined on, at most.
    clear : float
        Share of machine windows that the slower channels may pass over because the faster ones find them clearly a
        person's; texts that score above every human window are passed over too. 0: every text is read by all.
    folds : int
        Cross-fitting: groups of corpora whose human texts are scored by a model that has not seen them.
    calibration_per_corpus : int
        Human windows of one corpus kept for the p-values, at most.
    min_words : int
        Shorter texts are abstained from.
    prior : float
        Share of machine texts that the stated probability assumes.
    """

    name: str = "detector"
    version: int = 1
    description: str = "trained on the user's own corpora"
    bits: int = 22
    word_ngrams: tuple[int, int] = (1, 3)
    skeleton_ngrams: tuple[int, int] = (1, 4)
    n_common: int = 700
    min_documents: int = 20
    min_corpora: int = 8
    style_scale: float = 0.1
    c: float = 10.0
    max_iter: int = 60
    family_c: float = 0.06
    shortest: int = 30
    longest: int = 250
    per_corpus: int = 2500
    lower_case_share: float = 0.08
    strip_markdown_share: float = 0.5
    strip_openings: bool = True
    exclude_sources: tuple[str, ...] = ()
    exclude_kinds: tuple[str, ...] = ()
    exclude_unusable: bool = True
    embedder: str = ""
    embedder_layers: int = 0
    encoder_layers: int = 0
    encoder_steps: int = 800
    encoder_rate: float = 2e-4
    surprisal: bool = False
    extras_per_corpus: int = 600
    clear: float = 0.0
    folds: int = 4
    calibration_per_corpus: int = 1500
    min_words: int = 50
    prior: float = 0.5

    @property
    def label(self) -> str:
        """Name and version, as records have it."""
        return f"{self.name}@{self.version}"

    def to_dict(self) -> dict[str, object]:
        """Return the recipe as plain values for JSON."""
        return asdict(self)


def recipe_from(values: dict[str, object], where: str) -> Recipe:
    """Build a recipe from plain values.

    Raises
    ------
    UsageError
        For a key that no recipe has, or a value of another type or out of its range.
    """
    known = {f.name: getattr(Recipe(), f.name) for f in fields(Recipe)}
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise UsageError(f"{where}: unknown recipe key {unknown[0]!r}; a recipe has {', '.join(known)}")
    clean: dict[str, object] = {}
    for key, value in values.items():
        wanted = type(known[key])
        got: object = tuple(value) if isinstance(value, list) and wanted is tuple else value
        got = float(got) if wanted is float and isinstance(got, int) and not isinstance(got, bool) else got
        if not isinstance(got, wanted) or (wanted is int and isinstance(got, bool)):
            raise UsageError(f"{where}: recipe key {key!r} is {value!r}; wanted a value like {known[key]!r}")
        clean[key] = got
    recipe = Recipe(**clean)  # type: ignore[arg-type]
    check_ranges(recipe, where)
    return recipe


def load_recipe(name: str | Path) -> Recipe:
    """Load a recipe that ships ('fast', 'default') or a TOML file.

    Raises
    ------
    UsageError
        When there is no such recipe, the file is no TOML, or a key or value is wrong.
    """
    folder = files("provenance.models").joinpath("recipes")
    shipped = sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))
    path = Path(name)
    if str(name) in shipped:
        text = folder.joinpath(f"{name}.toml").read_text("utf-8")
    elif path.is_file():
        text = path.read_text("utf-8", errors="replace")
    else:
        raise UsageError(f"no recipe {str(name)!r}; wanted one of {', '.join(shipped)}, or a TOML file")
    try:
        return recipe_from(tomllib.loads(text), str(name))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name}: not a TOML file ({error}); wanted lines like: min_words = 50") from error
