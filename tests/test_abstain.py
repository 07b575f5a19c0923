"""When a detector holds its tongue: too short, not English, code; and when it does not."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.detect.abstain import fit_gate, language_reasons
from provenance.features.tokens import tokenise

GERMAN = (
    "Am Morgen ging der alte Mann langsam durch den Garten und sah nach den B\u00e4umen, die seine Frau vor vielen "
    "Jahren "
    "gepflanzt hatte. Es war noch k\u00fchl, und auf den Bl\u00e4ttern lag der Tau. Er setzte sich auf die Bank, "
    "nahm seine Brille "
    "ab und h\u00f6rte eine Weile den V\u00f6geln zu. Dann kam das Kind vom Nachbarn \u00fcber den Zaun, brachte "
    "ihm ein Brot und fragte, "
    "ob er heute wieder eine Geschichte erz\u00e4hlen w\u00fcrde, so wie gestern und an allen anderen Tagen."
)
FRENCH = (
    "Le matin, la vieille dame descendait toujours au march\u00e9 avec son panier et son petit chien. Elle parlait "
    "longtemps avec "
    "le boulanger, achetait deux pommes, un fromage et quelques fleurs, puis elle remontait la rue sans se presser. "
    "Les "
    "enfants du quartier la saluaient et elle leur donnait parfois un bonbon. Personne ne savait vraiment d'o\u00f9 "
    "elle venait, "
    "mais tout le monde l'aimait bien, et quand elle ne venait pas, on s'inqui\u00e9tait."
)
CHINESE = (
    "\u65e9\u4e0a\u7684\u96e8\u505c\u4e86\uff0c\u8857\u4e0a\u7684\u4eba\u6162\u6162\u591a\u4e86\u8d77\u6765\u3002"
    "\u5356\u83dc\u7684\u8001\u4eba\u628a\u7bee\u5b50\u653e\u5728\u5730\u4e0a\uff0c"
    "\u548c\u90bb\u5c45\u8bf4\u7740\u8bdd\u3002 "
) * 60
PYTHON = """
def merge(left: list[int], right: list[int]) -> list[int]:
    out, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            out.append(left[i]); i += 1
        else:
            out.append(right[j]); j += 1
    return out + left[i:] + right[j:]


class Tree:
    def __init__(self, key, left=None, right=None):
        self.key, self.left, self.right = key, left, right

    def walk(self):
        if self.left: yield from self.left.walk()
        yield self.key
        if self.right: yield from self.right.walk()
"""
JSON = '{"id": 17, "tags": ["red", "blue"], "owner": {"name": "kim", "age": 31}, "open": true, "path": "/a/b"},\n' * 20
ENGLISH = {
    "story": (
        "My grandfather kept bees behind the barn, and on warm evenings he would take me out to listen to them. He "
        "never wore "
        "a veil. He said that if you moved slowly and meant no harm they knew it, which I did not believe until the "
        "summer I "
        "turned nine. That was the year the hive swarmed and settled on the old gate, humming like a wire in the "
        "wind."
    ),
    "letter": (
        "Dear Ms Harper, thank you for your letter of 3 March. I am sorry that the parcel did not reach you. We "
        "have asked the "
        "carrier to look for it, and if it is not found by Friday we will send another at no cost. You do not need "
        "to do "
        "anything. If you would rather have your money back, please call us between 9 and 5 and we will see to it "
        "at once."
    ),
    "science": (
        "We measured the growth of 48 seedlings under two kinds of light over six weeks. Plants under red light "
        "were taller by "
        "12% on average, but their leaves were thinner and held less water. The difference was largest in the third "
        "week. "
        "These results agree with earlier work on related species, although our sample was small and came from one "
        "site."
    ),
    "chat": (
        "ok so i finally tried that place you told me about and honestly it was fine?? like the noodles were good "
        "but we waited "
        "forever and my friend got the wrong order twice lol. would i go back, maybe, if someone else is paying. "
        "anyway how was "
        "your trip, did you see your sister, and are you still coming on saturday or should i ask somebody else"
    ),
    "markdown": (
        "# How to clean a kettle\n\n**What you need:** a lemon, some water and a little time.\n\n1. Fill the kettle "
        "with cold "
        "water and add the juice of the lemon.\n2. Bring it to the boil, then let it stand for an hour.\n3. Pour it "
        "out and "
        "rinse it twice.\n\n- Do not use soap, because it is hard to wash out.\n- If there is still a white line, "
        "do it again."
    ),
}  # fmt: skip


def reason(text: str, min_words: int = 50) -> str | None:
    return language_reasons(tokenise([text]), min_words)[0]


@pytest.mark.parametrize("text", [GERMAN, FRENCH, CHINESE], ids=["German", "French", "Chinese"])
def test_prose_in_another_language_is_not_english(text: str) -> None:
    assert reason(text) == "not_english"


@pytest.mark.parametrize("text", [PYTHON, JSON], ids=["Python", "JSON"])
def test_code_and_data_are_code(text: str) -> None:
    assert reason(text) == "code"


@pytest.mark.parametrize("kind", ENGLISH)
def test_plain_english_is_judged(kind: str) -> None:
    assert reason(ENGLISH[kind]) is None


def test_the_least_length_is_counted_in_words_and_inclusive() -> None:
    words = ENGLISH["story"].replace(",", "").replace(".", "").split()
    assert reason(" ".join(words[:49])) == "too_short"
    assert reason(" ".join(words[:50])) is None
    assert reason(" ".join(words[:50]), min_words=51) == "too_short"


def test_marks_do_not_count_as_words() -> None:
    assert reason("Well ... yes - no ! " * 15) == "too_short"


def test_reasons_stand_in_the_order_of_the_texts() -> None:
    texts = ["short", GERMAN, ENGLISH["letter"], PYTHON, ""]
    assert language_reasons(tokenise(texts), 50) == ["too_short", "not_english", None, "code", "too_short"]


def test_some_english_words_do_not_make_a_german_text_english() -> None:
    assert reason(GERMAN + " The end, as they say in the cinema.") == "not_english"


def test_the_gate_closes_on_texts_unlike_the_calibration_only() -> None:
    rng = np.random.default_rng(0)
    style, n_words = rng.normal(size=(600, 40)), np.full(600, 150, np.int64)
    gate = fit_gate(style, n_words)
    assert gate.closed(style, n_words).mean() <= 0.006
    assert gate.closed(np.full((1, 40), 3.0), n_words[:1]).all()
    assert not gate.closed(np.zeros((1, 40)), n_words[:1]).any()


def test_a_detector_reports_the_reason_and_does_not_flag(toy_detector) -> None:
    scores = toy_detector.score([GERMAN, PYTHON, "Short."], fpr=0.99)
    assert [score.verdict for score in scores] == ["abstained"] * 3
    assert [score.reason for score in scores] == ["not_english", "code", "too_short"]
