"""Scoring in several processes, and files that a cut run leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from provenance.detect.result import Score, Span
from provenance.documents import Document
from provenance.errors import OutputError, UsageError
from provenance.scale import CHUNK, PartialOutput, has_partial, in_chunks, score_stream, worker_count
from provenance.writing import dumps

HERE = Path(__file__).parent


@pytest.fixture
def detector(monkeypatch):
    """The stand-in detector, installed for the test."""
    monkeypatch.syspath_prepend(str(HERE))
    import cli_driver

    import provenance

    monkeypatch.setitem(vars(provenance), "load_detector", cli_driver.load_detector)
    return cli_driver.FakeDetector


def in_a_script(tmp_path, body):
    """Run `body` as a script whose workers know the stand-in detector; give what it printed."""
    script = tmp_path / "script.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(HERE)!r})\n"
        "import os, cli_driver; cli_driver.install()\n"
        "from provenance.scale import score_stream\n"
        "TEXTS = [f'this is a text of many words number {k}' for k in range(1100)]\n"
        f"def main():\n{body}\n"
        "if __name__ == '__main__': main()\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_chunks_begin_at_multiples_of_their_size_and_none_is_empty():
    assert [len(chunk) for chunk in in_chunks(range(2 * CHUNK + 1))] == [CHUNK, CHUNK, 1]
    assert list(in_chunks([])) == []


def test_a_chunk_is_given_before_the_next_is_read():
    def endless():
        yield from range(3)
        raise AssertionError("read too far")

    assert next(in_chunks(endless(), 3)) == [0, 1, 2]


def test_scores_come_in_the_order_of_the_documents(detector):
    documents = [Document(f"d{k}", f"a text of several words {k}") for k in range(600)]
    assert [score.id for score in score_stream("fake", documents)] == [document.id for document in documents]


def test_bare_texts_are_numbered_through_all_chunks(detector):
    assert [score.id for score in score_stream("fake", ["text"] * 300)][-1] == "299"


def test_the_detector_sees_whole_chunks(detector, monkeypatch):
    sizes = []
    score = detector.score

    def watched(self, documents, **options):
        sizes.append(len(documents))
        return score(self, documents, **options)

    monkeypatch.setattr(detector, "score", watched)
    list(score_stream("fake", ["a text"] * 600))
    assert sizes == [256, 256, 88]


def test_several_workers_give_the_scores_of_one(tmp_path):
    body = (
        "    one, two = (list(score_stream('fake', TEXTS, workers=n, explain=True)) for n in (1, 2))\n"
        "    print(one == two, len(two))"
    )
    assert in_a_script(tmp_path, body).split() == ["True", "1100"]


def test_workers_have_one_thread_each_and_the_parent_keeps_its_own(tmp_path):
    body = (
        "    os.environ['OMP_NUM_THREADS'] = '7'\n"
        "    scores = score_stream('fake', TEXTS, workers=2)\n"
        "    next(scores); inside = os.environ['OMP_NUM_THREADS']; list(scores)\n"
        "    print(inside, os.environ['OMP_NUM_THREADS'])"
    )
    assert in_a_script(tmp_path, body).split() == ["1", "7"]


def test_reading_ahead_is_bounded(tmp_path):
    body = (
        "    read = 0\n"
        "    def documents():\n"
        "        nonlocal read\n"
        "        for k in range(100_000):\n"
        "            read += 1\n"
        "            yield f'this is a text of many words number {k}'\n"
        "    scores = score_stream('fake', documents(), workers=2)\n"
        "    next(scores); scores.close()\n"
        "    print(read)"
    )
    assert int(in_a_script(tmp_path, body)) <= 6 * CHUNK


def test_no_worker_is_left_when_the_stream_is_closed_early(tmp_path):
    body = (
        "    import multiprocessing\n"
        "    scores = score_stream('fake', TEXTS, workers=2)\n"
        "    next(scores); scores.close()\n"
        "    print(len(multiprocessing.active_children()))"
    )
    assert in_a_script(tmp_path, body).strip() == "0"


def test_an_error_of_the_input_passes_through_the_pool(tmp_path):
    body = (
        "    def documents():\n"
        "        yield from TEXTS\n"
        "        raise LookupError('the input broke')\n"
        "    try: list(score_stream('fake', documents(), workers=2))\n"
        "    except LookupError as error: print(error)"
    )
    assert in_a_script(tmp_path, body).strip() == "the input broke"


def test_a_detector_that_does_not_load_in_a_worker_is_told_as_in_one_process(tmp_path):
    body = (
        "    from provenance.errors import DetectorError\n"
        "    try: list(score_stream('nope', TEXTS, workers=2))\n"
        "    except DetectorError as error: print(error)"
    )
    assert in_a_script(tmp_path, body).startswith("no detector 'nope'")


def test_zero_workers_are_all_cores_and_less_is_refused():
    assert 1 <= worker_count(0) <= (os.cpu_count() or 1)
    with pytest.raises(UsageError, match="-1"):
        worker_count(-1)


def line(k):
    score = Score(f"d{k}", 9, 0.5, 0.5, 0.5, "not_flagged", None, "human", {"meta": 0.1}, 0.1, (Span(0, 1, "a", 0.2),))
    return dumps(score.to_dict()) + b"\n"


def partial(target, **settings):
    return PartialOutput(target, {"fpr": 0.01, **settings}, chunk=4)


def left_behind(target, records, **settings):
    """Write some records and stop as a cut run does."""
    output = partial(target, **settings)
    output.start()
    for k in range(records):
        output.write(line(k), 1)
    output._file.close()


def test_the_target_appears_only_when_the_run_is_finished(tmp_path):
    target = tmp_path / "out.jsonl"
    target.write_text("earlier")
    output = partial(target)
    output.start()
    output.write(line(0), 1)
    assert target.read_text() == "earlier"
    output.finish()
    assert target.read_bytes() == line(0)
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


@pytest.mark.parametrize(("written", "kept"), [(0, 0), (3, 0), (4, 4), (7, 4), (8, 8)])
def test_only_whole_chunks_are_kept(tmp_path, written, kept):
    left_behind(tmp_path / "out.jsonl", written)
    output = partial(tmp_path / "out.jsonl")
    assert output.resume() == kept
    assert [score.id for score in output.kept()] == [f"d{k}" for k in range(kept)]
    output.write(b"more\n", 1)
    output.finish()
    assert (tmp_path / "out.jsonl").read_bytes() == b"".join(map(line, range(kept))) + b"more\n"


@pytest.mark.parametrize("damage", [b"\x00" * 40 + b"\n", b"{}\n", b'{"id": 1}\n', b"[1]\n"])
def test_nothing_behind_a_damaged_record_is_kept(tmp_path, damage):
    left_behind(tmp_path / "out.jsonl", 12)
    place = tmp_path / "out.jsonl.partial"
    lines = place.read_bytes().splitlines(keepends=True)
    lines[6] = damage
    place.write_bytes(b"".join(lines))
    assert partial(tmp_path / "out.jsonl").resume() == 4


def test_kept_scores_are_the_scores_that_were_written(tmp_path):
    left_behind(tmp_path / "out.jsonl", 4)
    output = partial(tmp_path / "out.jsonl")
    output.resume()
    assert [dumps(score.to_dict()) + b"\n" for score in output.kept()] == [line(k) for k in range(4)]


def test_other_settings_are_refused_and_named(tmp_path):
    left_behind(tmp_path / "out.jsonl", 5)
    before = (tmp_path / "out.jsonl.partial").read_bytes()
    with pytest.raises(UsageError, match=r"fpr was 0\.01, is 0\.05; explain was null, is true"):
        partial(tmp_path / "out.jsonl", fpr=0.05, explain=True).resume()
    assert (tmp_path / "out.jsonl.partial").read_bytes() == before


def test_settings_that_cannot_be_read_are_refused(tmp_path):
    left_behind(tmp_path / "out.jsonl", 5)
    (tmp_path / "out.jsonl.partial.json").write_text("{")
    with pytest.raises(UsageError, match="cannot be read"):
        partial(tmp_path / "out.jsonl").resume()


def test_a_new_start_forgets_what_was_left(tmp_path):
    left_behind(tmp_path / "out.jsonl", 8)
    output = partial(tmp_path / "out.jsonl", fpr=0.05)
    output.start()
    assert (tmp_path / "out.jsonl.partial").read_bytes() == b""
    assert json.loads((tmp_path / "out.jsonl.partial.json").read_bytes()) == {"fpr": 0.05}


@pytest.mark.parametrize(("written", "stays"), [(3, False), (5, True)])
def test_giving_up_leaves_whole_chunks_and_nothing_less(tmp_path, written, stays):
    output = partial(tmp_path / "out.jsonl")
    output.start()
    output.write(b"".join(map(line, range(written))), written)
    output.give_up()
    assert has_partial(tmp_path / "out.jsonl") is stays
    assert len(list(tmp_path.iterdir())) == (2 if stays else 0)


@pytest.mark.skipif(os.name != "posix", reason="locks of POSIX")
def test_a_second_run_to_the_same_file_is_refused_and_the_first_goes_on(tmp_path):
    first, second = partial(tmp_path / "out.jsonl"), partial(tmp_path / "out.jsonl")
    first.start()
    with pytest.raises(OutputError, match="another run"):
        second.start()
    second.give_up()
    first.write(line(0), 1)
    first.finish()
    assert (tmp_path / "out.jsonl").read_bytes() == line(0)


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_a_link_stays_a_link_and_permissions_stay(tmp_path):
    real = tmp_path / "real.jsonl"
    real.write_text("earlier")
    real.chmod(0o640)
    (tmp_path / "out.jsonl").symlink_to(real)
    output = partial(tmp_path / "out.jsonl")
    output.start()
    output.write(line(0), 1)
    output.finish()
    assert (tmp_path / "out.jsonl").is_symlink()
    assert real.read_bytes() == line(0) and real.stat().st_mode & 0o777 == 0o640


def test_a_folder_that_is_not_there_is_one_clear_error(tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        partial(tmp_path / "none" / "out.jsonl").start()
