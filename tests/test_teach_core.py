"""The core of the lessons: the grammar is exact, copies are independent, losses have their minima where they should."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from provenance.teach import objectives  # noqa: E402
from provenance.teach.draws import each, generators, picks, shared_generator  # noqa: E402
from provenance.teach.exposure import (  # noqa: E402
    ACCESS,
    bits_a_token,
    can_train,
    frequencies,
    hidden_directions,
    top_k,
)
from provenance.teach.figures import Bars, Figure, Lines, figure_from, interval  # noqa: E402
from provenance.teach.grammar import START, make_grammar  # noqa: E402
from provenance.teach.lessons.two_tokenizers_smollm2 import greedy_pieces, meetings  # noqa: E402
from provenance.teach.lessons.when_text_is_enough import counted_kl, some_tables  # noqa: E402
from provenance.teach.pieces import learn_pieces  # noqa: E402
from provenance.teach.result import ratio_finding  # noqa: E402
from provenance.teach.settings import Settings  # noqa: E402
from provenance.teach.tiny_lm import TinyLM, generate  # noqa: E402
from provenance.teach.training import train  # noqa: E402


def rng(seed: int = 0):
    return torch.Generator().manual_seed(seed)


def a_teacher(copies: int = 2, texts: int = 3, positions: int = 4, words: int = 9):
    return (2 * torch.randn(copies, texts, positions, words, generator=rng(1))).softmax(-1)


def test_the_grammar_says_the_frequencies_of_its_own_text() -> None:
    grammar = make_grammar()
    tokens = grammar.sample(4000, 3, rng())
    truth = grammar.truth(tokens[:, :1])[0, 0]
    counted = torch.bincount(tokens[:, 1], minlength=len(grammar.words)) / len(tokens)
    assert float((counted - truth).abs().max()) < 0.03
    assert truth[START] == 0


def test_no_word_of_the_grammar_comes_where_it_is_impossible() -> None:
    grammar = make_grammar()
    tokens = grammar.sample(50, 30, rng())
    said = grammar.truth(tokens[:, :-1]).gather(2, tokens[:, 1:, None])
    assert float(said.min()) > 0
    assert grammar.text(tokens[0]).count("<s>") == 0


def test_verbs_agree_with_their_nouns() -> None:
    grammar = make_grammar()
    text = " ".join(grammar.text(row) for row in grammar.sample(50, 24, rng()))
    assert "boats wait" in text or "boats " in text
    assert not any(f"{noun}s {verb}s" in text for noun in ("boat", "wave", "horse") for verb in ("wait", "turn", "sleep"))


def test_the_model_does_not_look_ahead() -> None:
    model = TinyLM(11, 8, width=16)
    tokens = torch.randint(11, (1, 2, 8), generator=rng())
    changed = tokens.clone()
    changed[:, :, -1] = (changed[:, :, -1] + 1) % 11
    assert torch.allclose(model(tokens)[:, :, :-1], model(changed)[:, :, :-1], atol=1e-6)


def test_a_copy_is_the_same_model_alone_and_among_others() -> None:
    many, alone = TinyLM(11, 8, width=16, copies=3, seed=5), TinyLM(11, 8, width=16, seed=6)
    tokens = torch.randint(11, (1, 2, 8), generator=rng())
    assert torch.allclose(many(tokens.expand(3, -1, -1))[1], alone(tokens)[0], atol=1e-5)


def test_copies_learn_without_touching_each_other() -> None:
    model = TinyLM(11, 8, width=16, copies=2)
    tokens = torch.randint(11, (2, 2, 9), generator=rng())
    with torch.no_grad():
        first = model(tokens[:, :, :-1])
    for _, learn in train(model, 3):
        losses = objectives.hard(model(tokens[:, :, :-1]), tokens[:, :, 1:])
        learn(losses * torch.tensor([1.0, 0.0]))
    with torch.no_grad():
        moved = (model(tokens[:, :, :-1]) - first).abs().amax((1, 2, 3))
    assert float(moved[0]) > 100 * float(moved[1])  # the second copy only decays, by a millionth a step


def test_generation_with_kept_keys_says_what_the_whole_model_says() -> None:
    model = TinyLM(13, 12, width=16, copies=2, seed=3)
    start = torch.randint(13, (2, 3, 2), generator=rng())
    found, slow = generate(model, start, 12, rng(), temperature=0), start
    with torch.no_grad():
        while slow.shape[2] < 12:
            slow = torch.cat([slow, model(slow)[:, :, -1:].argmax(-1)], 2)
    assert torch.equal(found, slow)


@pytest.mark.parametrize("loss", [objectives.soft, objectives.with_rest, objectives.renormalised])
def test_losses_over_a_full_table_are_least_at_the_teacher(loss) -> None:
    teacher = a_teacher()
    at = loss(teacher.log(), teacher)
    near = loss(teacher.log() + 0.3 * torch.randn(teacher.shape, generator=rng(2)), teacher)
    assert bool((near > at).all())
    assert torch.allclose(at, torch.special.entr(teacher).sum(-1).mean((1, 2)), atol=1e-4)


def slope(loss, shown, logits):
    logits = logits.clone().requires_grad_()
    loss(logits, shown).sum().backward()
    return float(logits.grad.abs().max())


def test_a_bucket_for_the_rest_is_right_at_the_teacher_and_renormalising_is_not() -> None:
    teacher = a_teacher()
    shown = top_k(teacher, 3)
    assert slope(objectives.with_rest, shown, teacher.log()) < 1e-5
    assert slope(objectives.renormalised, shown, teacher.log()) > 1e-3


def test_text_is_unbiased_its_mean_gradient_is_that_of_the_logits() -> None:
    teacher = a_teacher(1, 1, 1, 5).expand(1, 20_000, 1, 5)
    logits = torch.zeros(1, 1, 1, 5, requires_grad=True)
    drawn = torch.multinomial(teacher[0, :, 0], 1, generator=rng()).view(1, -1, 1)
    objectives.hard(logits.expand(1, 20_000, 1, 5), drawn).sum().backward()
    by_text = logits.grad.clone()
    logits.grad = None
    objectives.soft(logits.expand(1, 20_000, 1, 5), teacher).sum().backward()
    assert torch.allclose(by_text, logits.grad, atol=0.015)


@pytest.mark.parametrize("samples", [500, 2000])
def test_counting_costs_half_a_nat_a_free_number_and_sample(samples: int) -> None:
    outcomes = 16
    found = counted_kl(some_tables(outcomes, 2000, rng()), samples, rng(1))
    assert found == pytest.approx((outcomes - 1) / (2 * samples), rel=0.06)


def test_counting_takes_tables_with_impossible_outcomes() -> None:
    table = torch.tensor([[0.5, 0.5, 0.0]], dtype=torch.float64)
    assert 0 <= counted_kl(table, 500, rng()) < 0.02


def test_a_student_that_sees_the_logits_of_a_table_is_off_by_nothing() -> None:
    teacher = a_teacher(1, 1, 6, 16)
    student = torch.zeros(1, 1, 6, 16, requires_grad=True)
    optimiser = torch.optim.LBFGS([student], max_iter=200, tolerance_grad=1e-9, tolerance_change=1e-12)

    def closure():
        optimiser.zero_grad()
        loss = objectives.soft(student, teacher).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    assert float(objectives.kl(teacher, student.detach()).max()) < 1e-5


def test_universal_distillation_is_blind_to_names() -> None:
    teacher = a_teacher()
    order = torch.randperm(9, generator=rng())
    assert float(objectives.uld(teacher[..., order].log(), teacher).abs().max()) < 1e-5
    wider = torch.nn.functional.pad(teacher, (0, 4))
    assert float(objectives.uld(teacher.log(), wider).abs().max()) < 1e-5


def test_kl_is_zero_at_the_teacher_and_takes_zeros() -> None:
    truth = torch.tensor([0.5, 0.5, 0.0])
    assert float(objectives.kl(truth, torch.tensor([0.0, 0.0, -40.0]))) == pytest.approx(0, abs=1e-6)
    assert float(objectives.kl(truth, torch.zeros(3))) == pytest.approx(math.log(1.5), abs=1e-6)


def test_top_k_shows_k_and_says_them_as_they_are() -> None:
    teacher = a_teacher()
    shown = top_k(teacher, 3)
    assert bool(((shown > 0).sum(-1) == 3).all())
    assert torch.equal(shown[shown > 0], teacher[shown > 0])
    assert torch.equal(top_k(teacher, 99), teacher)


def test_draws_are_the_teacher_on_average() -> None:
    teacher = a_teacher(1, 1, 1, 5).expand(1, 4000, 1, 5)
    shown = frequencies(teacher, 12, rng())
    assert torch.allclose(shown.sum(-1), torch.ones(1, 4000, 1))
    assert torch.allclose(shown.mean((0, 1, 2)), teacher[0, 0, 0], atol=0.01)


def test_bits_grow_with_what_is_shown() -> None:
    teacher = a_teacher()
    assert bits_a_token(teacher, 0) < bits_a_token(teacher, 5) < bits_a_token(teacher, None) + 5 * math.log2(9)
    assert bits_a_token(torch.full((1, 8), 1 / 8), 0) == pytest.approx(3)


def test_a_chat_window_allows_text_alone_and_hidden_reasoning_nothing() -> None:
    allowed = {access.name: {name for name, yes in can_train(access).items() if yes} for access in ACCESS}
    assert allowed["chat window"] == {"text"}
    assert allowed["hidden reasoning"] == set()
    assert allowed["API, top 20"] == {"text", "top k"}
    assert "full logits" in allowed["open weights"]


@pytest.mark.parametrize("width", [8, 20])
def test_logits_give_the_hidden_width_away(width: int) -> None:
    model = TinyLM(90, 16, width=width)
    with torch.no_grad():
        logits = model(torch.randint(90, (1, 12, 16), generator=rng()))[0].flatten(0, 1)
    assert hidden_directions(logits)[0] == width
    assert hidden_directions(logits.log_softmax(-1))[0] == width + 1


def test_pieces_spell_the_words_again() -> None:
    grammar = make_grammar()
    words = list(grammar.words[1:])
    pieces = learn_pieces(words * 3, 40)
    found, starts = pieces.encode(words)
    assert "".join(pieces.names[k] for k in found) == "".join(" " + word for word in words)
    assert [pieces.names[found[k]][0] for k in starts] == [" "] * len(words)


def test_an_interval_covers_the_mean_as_often_as_it_says() -> None:
    values = torch.randn(4000, 5, generator=rng()).tolist()
    covered = sum(low <= 0 <= high for _, low, high in map(interval, values))
    assert covered / 4000 == pytest.approx(0.95, abs=0.015)
    assert interval([2.0]) == (2.0, 2.0, 2.0)


def test_a_ratio_has_its_interval_on_logarithms() -> None:
    found = ratio_finding("a", "b", [0.5, 2.0])
    assert found.value == pytest.approx(1) and found.low * found.high == pytest.approx(1)


def test_a_figure_comes_back_from_its_record() -> None:
    from dataclasses import asdict

    figure = Figure("a", "b", "c", "x", "y", [Lines("l", [1.0, 2.0], [[1.0, 2.0], [2.0, 3.0]])], rules=[("r", 1.5)])
    assert figure_from(asdict(figure)) == figure
    assert "<svg" in Figure("a", "b", "c", "x", bars=[Bars("n", "", [0.1, 0.2])]).svg()


def test_a_seed_is_dealt_the_same_whatever_the_number_of_seeds() -> None:
    few, many = (picks(generators(Settings(seeds=n, seed=4)), 1000, 8) for n in (2, 5))
    assert torch.equal(few, many[:2]) and not torch.equal(many[0], many[1])
    assert torch.equal(many[2], picks(generators(Settings(seeds=1, seed=6)), 1000, 8)[0])
    shared = torch.randint(1000, (8,), generator=shared_generator(Settings(seed=4)))
    assert not any(torch.equal(shared, row) for row in many)


def test_generation_with_a_generator_a_copy_writes_for_each_copy_what_it_would_write_alone() -> None:
    model = TinyLM(13, 10, width=16, copies=3)
    start = torch.zeros(3, 2, 1, dtype=torch.long)
    together = generate(model, start, 10, [rng(s) for s in range(3)])
    again = generate(model, start, 10, [rng(0), rng(8), rng(9)])
    assert torch.equal(together[0], again[0]) and not torch.equal(together[1], again[1])
    assert each([rng(1), rng(1)], lambda its: torch.rand(3, generator=its)).unique(dim=0).shape[0] == 1


def test_tokens_meet_where_both_begin_at_the_same_letter() -> None:
    assert meetings([" ca", "t", " sat"], [" cat", " s", "at"]) == [(0, 0), (2, 1)]
    assert meetings([" a", " b"], [" a", " ", "b"]) == [(0, 0), (1, 2)]
    assert meetings([], []) == []


def test_greedy_pieces_spell_a_word_and_give_unknown_letters_the_unknown_piece() -> None:
    names = [" lo", " l", "lo", "w", " w", "�"]
    number = {name: k for k, name in enumerate(names)}
    assert [names[k] for k in greedy_pieces("lolow", number)] == [" lo", "lo", "w"]
    assert [names[k] for k in greedy_pieces("wéw", number)] == [" w", "�", "w"]
    assert [names[k] for k in greedy_pieces("éw", number)] == ["�", "w"]


def test_a_drawn_share_stays_between_nothing_and_all() -> None:
    runs = [[0.9, 1.0], [1.0, 0.2], [1.0, 0.1]]
    figure = Figure("a", "a", "a figure of shares, to see that they stay", "x", "share", [Lines("l", [1.0, 2.0], runs)])
    assert interval([run[0] for run in runs])[2] > 1
    assert figure._drawn([run[0] for run in runs])[2] == 1 and figure._drawn([run[1] for run in runs])[1] == 0
    wide = Figure("a", "a", "a figure of nats, which have no end", "x", bars=[Bars("b", "", [0.9, 1.0, 7.0])])
    assert wide._drawn([0.9, 1.0, 7.0])[2] > 7
