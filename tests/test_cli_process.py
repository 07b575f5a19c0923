"""The command as a process of its own: pipes, terminals, signals, full disks, a cut run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

DRIVER = Path(__file__).with_name("cli_driver.py")
LONG = "This plain text is long enough to be judged by the detector"
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals, pipes and devices of POSIX")


@pytest.fixture
def source(tmp_path):
    """1,500 documents, six chunks, in an empty folder with a detector folder."""
    (tmp_path / "detector").mkdir()
    (tmp_path / "detector" / "config.json").write_text("{}")
    path = tmp_path / "in.jsonl"
    texts = (f"{LONG} {k}{' overall' if k % 3 == 0 else ''}" for k in range(1500))
    path.write_text("".join(json.dumps({"id": k, "text": text}) + "\n" for k, text in enumerate(texts)))
    return path


@pytest.fixture
def start(source):
    """Start the command in the folder of `source`; what still runs is killed at the end."""
    running = []

    def call(*arguments, pause=0.0, **options):
        command = [sys.executable, str(DRIVER), *map(str, arguments)]
        environment = {**os.environ, "FAKE_PAUSE": str(pause), **options.pop("env", {})}
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        process = subprocess.Popen(command, cwd=source.parent, env=environment, **options)
        running.append(process)
        return process

    yield call
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def finish(start):
    """Run the command to its end: exit code, standard output, standard error."""

    def call(*arguments, **options):
        process = start(*arguments, **options)
        out, err = process.communicate(timeout=60)
        return process.returncode, (out or b"").decode(), (err or b"").decode()

    return call


SCORE = ("score", "in.jsonl", "--detector", "detector")


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def cut_run(start, source, *arguments):
    """Kill a run when it has written at least one chunk; give the partial file."""
    partial = source.parent / "out.jsonl.partial"
    process = start(*SCORE, "-o", "out.jsonl", *arguments, pause=0.3)
    wait_until(lambda: partial.exists() and partial.read_bytes().count(b"\n") >= 256)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (source.parent / "out.jsonl").exists()
    return partial


@POSIX
def test_a_killed_run_goes_on_to_the_same_bytes(start, finish, source):
    folder = source.parent
    assert finish(*SCORE, "-o", "uncut.jsonl")[0] == 0
    partial = cut_run(start, source)
    with partial.open("ab") as file:
        file.write(b'{"id": "half a rec')
    code, _, err = finish(*SCORE, "-o", "out.jsonl", "--resume")
    assert code == 0 and "going on behind" in err and "1,500 documents scored" in err
    assert (folder / "out.jsonl").read_bytes() == (folder / "uncut.jsonl").read_bytes()
    assert not list(folder.glob("out.jsonl.*"))


@POSIX
def test_a_killed_run_does_not_go_on_under_other_settings(start, finish, source):
    partial = cut_run(start, source)
    before = partial.read_bytes()
    code, _, err = finish(*SCORE, "-o", "out.jsonl", "--resume", "--fpr", "0.05", "--explain")
    assert code == 2 and "fpr was 0.01, is 0.05" in err and "explain was false, is true" in err
    assert partial.read_bytes() == before


@POSIX
def test_a_killed_run_does_not_go_on_when_the_input_has_changed(start, finish, source):
    cut_run(start, source)
    source.write_bytes(source.read_bytes().replace(b'"id": 5,', b'"id": 6,', 1))
    code, _, err = finish(*SCORE, "-o", "out.jsonl", "--resume")
    assert code == 2 and "wanted the same input" in err


@POSIX
def test_a_killed_run_is_forgotten_without_resume(start, finish, source):
    cut_run(start, source)
    assert finish(*SCORE, "-o", "out.jsonl", "--fpr", "0.05")[0] == 0
    assert len((source.parent / "out.jsonl").read_text().splitlines()) == 1500
    assert not list(source.parent.glob("out.jsonl.*"))


@POSIX
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to find the workers")
def test_workers_end_with_a_killed_parent_and_the_run_goes_on(start, finish, source):
    folder = source.parent
    finish(*SCORE, "-o", "uncut.jsonl")
    process = start(*SCORE, "-o", "out.jsonl", "--workers", "2", pause=0.3)
    partial = folder / "out.jsonl.partial"
    wait_until(lambda: partial.exists() and partial.read_bytes().count(b"\n") >= 256)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.kill()
    process.wait()
    assert children
    wait_until(lambda: not any(_alive(child) for child in children))
    assert finish(*SCORE, "-o", "out.jsonl", "--workers", "2", "--resume")[0] == 0
    assert (folder / "out.jsonl").read_bytes() == (folder / "uncut.jsonl").read_bytes()


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


def test_resume_with_nothing_to_go_on_with_begins_at_the_start(finish, source):
    assert finish(*SCORE, "-o", "out.jsonl", "--resume")[0] == 0
    assert len((source.parent / "out.jsonl").read_text().splitlines()) == 1500


@pytest.mark.parametrize("arguments", [(), ("-o", "out.csv"), ("-o", "out.jsonl", "--format", "json")])
def test_resume_without_a_file_of_json_lines_is_wrong_usage(finish, arguments):
    code, _, err = finish(*SCORE, "--resume", *arguments)
    assert code == 2 and "-o FILE" in err


@POSIX
@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupt_ends_with_130_and_leaves_the_earlier_output(start, source, workers):
    out = source.parent / "out.jsonl"
    out.write_text("earlier")
    partial = source.parent / "out.jsonl.partial"
    process = start(
        *SCORE, "-o", "out.jsonl", "--workers", workers, pause=0.3, start_new_session=True, preexec_fn=_hear_interrupts
    )
    wait_until(lambda: partial.exists() and partial.read_bytes().count(b"\n") >= 256)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out.read_text() == "earlier"
    assert b"Traceback" not in err and b"--resume" in err


def _hear_interrupts():
    signal.signal(signal.SIGINT, signal.default_int_handler)


@POSIX
def test_a_reader_that_leaves_ends_the_run_in_silence(start):
    process = start(*SCORE, "-q")
    assert process.stdout.readline().startswith(b"{")
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(timeout=30) == 0
    assert err == b""


@POSIX
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("way", ["option", "standard output"])
def test_a_full_disk_is_one_line(finish, way):
    with open("/dev/full", "wb") as full:
        more = {"stdout": full} if way == "standard output" else {}
        target = ["-o", "/dev/full"] if way == "option" else []
        code, _, err = finish(*SCORE, "-q", *target, **more)
    assert code == 1
    assert len(err.splitlines()) == 1 and "No space left" in err


@POSIX
def test_a_disk_that_fills_up_midway_leaves_the_earlier_output(finish, source):
    out = source.parent / "out.jsonl"
    out.write_text("earlier")
    code, _, err = finish(*SCORE, "-q", "-o", "out.jsonl", preexec_fn=_small_files)
    assert code == 1 and out.read_text() == "earlier"
    assert "Traceback" not in err and err.splitlines()[-1].startswith("Error: ")


def _small_files():
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


def test_a_worker_that_dies_is_one_clear_line(finish, source):
    source.write_text(source.read_text().replace(f"{LONG} 700", f"CRASH {LONG}"))
    code, _, err = finish(*SCORE, "-q", "--workers", "2", "-o", "out.csv")
    assert code == 1
    assert len(err.splitlines()) == 1 and "a worker process died" in err
    assert not (source.parent / "out.csv").exists()


def test_an_error_of_a_detector_in_a_worker_is_its_own_line(finish, source):
    source.write_text(source.read_text().replace(f"{LONG} 700", f"REFUSE {LONG}"))
    code, _, err = finish(*SCORE, "-q", "--workers", "2", "-o", "out.csv")
    assert code == 1 and err == "Error: this text cannot be scored; wanted another\n"


@POSIX
def test_a_terminal_gets_a_coloured_table_and_progress(source):
    code, shown = _in_terminal(source, *SCORE)
    assert code == 0
    assert "\x1b[" in shown and "verdict" in shown and "documents scored" in shown
    assert '"schema_version"' not in shown


@POSIX
def test_a_terminal_gets_no_escape_codes_of_the_file(source):
    evil = "\x1b]0;owned\x07\x1b[5m\x1b[2J"
    source.write_text(json.dumps({"id": f"{evil}id", "text": f"{LONG} overall {evil}"}) + '\n{"' + "\\u001b[5mx\n")
    code, shown = _in_terminal(source, *SCORE, "--explain", "--no-progress")
    assert code == 1
    assert "\x1b]0" not in shown and "\x1b[5m" not in shown and "\x1b[2J" not in shown and "\x07" not in shown


def _in_terminal(source, *arguments):
    """Run the command on a terminal of 100 columns: exit code and all that it showed."""
    import pty

    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [sys.executable, str(DRIVER), *arguments],
        cwd=source.parent, env=environment, stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    try:
        while data := os.read(ours, 65536):
            shown += data
    except OSError:  # how Linux tells that the other end was closed
        pass
    finally:
        os.close(ours)
    return process.wait(timeout=30), shown.decode()


def test_scoring_into_a_pipe_loads_nothing_that_it_does_not_need(source):
    code = (
        "import sys, cli_driver; cli_driver.install()\n"
        "from provenance.cli.main import cli\n"
        "cli(['score', 'in.jsonl', '--detector', 'detector', '-q', '-o', 'out.jsonl'], standalone_mode=False)\n"
        "heavy = {'rich', 'jinja2', 'torch', 'sklearn', 'scipy', 'pyarrow', 'datasets', 'sentence_transformers'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(DRIVER.parent), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=source.parent, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
