"""Panels: built, saved, loaded to the same findings; who is a teacher and who a control; broken folders are refused."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import orjson
import pytest

from provenance.audit.build import build_panel, gather
from provenance.audit.panel import PEOPLE
from provenance.audit.plan import facts_of, plan_panel
from provenance.audit.settings import AuditSettings
from provenance.audit.store import load_panel_folder, save_panel
from provenance.audit.verdict import audit
from provenance.documents import Document
from provenance.errors import DetectorError, InputError
from provenance.models.audit_panels import list_panels, load_panel, panel_folder

_SPEC = importlib.util.spec_from_file_location("audit_world", Path(__file__).with_name("audit_world.py"))
assert _SPEC and _SPEC.loader
world = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(world)


def plan_of(documents, maker=lambda name: "other"):
    return plan_panel(facts_of(documents), "toy", maker=maker)


def test_a_saved_panel_gives_the_same_record(tmp_path):
    save_panel(world.panel(), tmp_path / "p")
    documents = world.answers("new", "meta", 0.5)
    settings = AuditSettings(draws=20)
    before, after = (
        audit(documents, p, settings=settings).to_dict() for p in (world.panel(), load_panel_folder(tmp_path / "p"))
    )
    assert before == after


def test_saving_twice_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        save_panel(world.panel(), tmp_path / name)
    assert (tmp_path / "a/weights.safetensors").read_bytes() == (tmp_path / "b/weights.safetensors").read_bytes()


def test_no_word_of_an_answer_or_prompt_is_in_the_folder(tmp_path):
    save_panel(world.panel(), tmp_path / "p", "card")
    data = b"".join(path.read_bytes() for path in (tmp_path / "p").iterdir())
    for word in (b"harbour", b"Harbour", b"Question number"):
        assert word not in data


def test_people_and_teachers_are_told_by_the_labels():
    models = {m.name: m for m in world.panel().models}
    assert models["folk-0"].family == models["folk-0"].group == PEOPLE
    assert models["student-openai-1"].group is None
    assert world.panel().is_control(models["student-openai-1"], "meta")
    assert not world.panel().is_control(models["student-openai-1"], "openai")
    assert not world.panel().is_control(models["openai-0"], "openai")
    assert world.panel().is_control(models["folk-0"], "openai")


def test_weak_labels_make_no_control():
    documents = world.panel_documents()
    weak = [Document(d.id, d.text, "weak", "other", prompt=d.prompt, meta={"taught_by": "human", "label_strength": "C"})
            for d in documents if d.source == "folk-0"]  # fmt: skip
    plan = plan_of([*documents, *weak])
    assert next(m for m in plan.models if m.name == "weak").taught_by is None


def test_without_labels_other_makers_are_controls_and_the_recipe_says_so():
    names = {"gpt-4": "openai", "claude-3": "anthropic", "some-tune": "other"}
    documents = [d for name in names for d in world.answers(name, None, family="")]
    plan = plan_of([Document(d.id, d.text, d.source, prompt=d.prompt) for d in documents], maker=names.__getitem__)
    assert "assumed" in plan.recipe["controls"]
    panel = build_panel(gather(documents), plan)
    assert panel.teachers == ("anthropic", "openai")
    assert panel.is_control(panel.models[2], "openai")


def test_a_panel_without_a_known_maker_is_refused():
    documents = world.answers("mystery", None) + world.answers("riddle", None)
    with pytest.raises(InputError, match="none of a known maker"):
        plan_of(documents)


def test_rows_without_a_prompt_or_a_model_are_no_panel():
    with pytest.raises(InputError, match="2 rows, none with a prompt"):
        gather([Document("1", "text"), Document("2", "text", prompt="p")])


def test_models_that_share_no_prompt_are_refused():
    documents = [Document("a", "x y", "gpt-4", "openai", prompt="p"), Document("b", "x z", "claude", "anthropic", prompt="q")]
    documents += [Document("c", "x w", "llama", "meta", prompt="r")]
    with pytest.raises(InputError, match="share 0 prompts"):
        build_panel(gather(documents), plan_of(documents))


def test_folders_that_are_no_panels_are_refused_in_one_line(tmp_path):
    with pytest.raises(DetectorError, match="no panel; wanted a folder"):
        load_panel_folder(tmp_path)
    save_panel(world.panel(), tmp_path / "p")
    weights = tmp_path / "p" / "weights.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-100])
    with pytest.raises(DetectorError):
        load_panel_folder(tmp_path / "p")
    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(DetectorError, match="sha256 differs"):
        load_panel_folder(tmp_path / "p")
    config = tmp_path / "p" / "config.json"
    record = orjson.loads(config.read_bytes())
    config.write_bytes(orjson.dumps({**record, "format_version": 9}))
    with pytest.raises(DetectorError, match="format_version 9"):
        load_panel_folder(tmp_path / "p")
    config.write_bytes(b"[1, 2")
    with pytest.raises(DetectorError, match="cannot be read"):
        load_panel_folder(tmp_path / "p")


def test_the_shipped_panel_has_the_teachers_that_were_promised_and_fits_its_size():
    info = next(info for info in list_panels() if info.name == "alpaca-eval")
    assert info.bytes <= 12_000_000
    assert {"openai", "anthropic", "google", "meta", "mistral", "qwen"} <= set(info.teachers)
    panel = load_panel("alpaca-eval")
    groups = {group.name for group in panel.groups}
    assert {"gpt-3.5", "gpt-4", "gpt-4o", "text-davinci-003"} <= groups
    assert all(any(m.group == name for m in panel.models) for name in groups)
    assert np.all(np.diff(panel.prompts.astype(object)) > 0)


def test_an_unknown_panel_is_refused_with_the_known_ones():
    with pytest.raises(DetectorError, match="no panel 'nope'; wanted one of alpaca-eval"):
        panel_folder("nope")


def test_the_card_says_what_the_metrics_say():
    folder = panel_folder("alpaca-eval")
    metrics = orjson.loads((folder / "metrics.json").read_bytes())
    card = (folder / "README.md").read_text("utf-8")
    for row in metrics["figures"]:
        assert f"| {row['figure']} | {row['value']:.3f} | {row['low']:.3f} to {row['high']:.3f} | {row['n']} |" in card
