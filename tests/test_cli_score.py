"""`provenance score` from input to exit code, with a stand-in detector."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

HERE = Path(__file__).parent
LONG = "This plain text is long enough to be judged by the detector"


@pytest.fixture
def detector(monkeypatch, tmp_path):
    """Folder that names the stand-in detector, which is installed for the test."""
    monkeypatch.syspath_prepend(str(HERE))
    import cli_driver

    import provenance

    monkeypatch.setitem(vars(provenance), "load_detector", cli_driver.load_detector)
    folder = tmp_path / "detector"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    return str(folder)


@pytest.fixture
def run(detector, tmp_path, monkeypatch):
    """Call `provenance score` on the stand-in detector, in an empty folder."""
    from provenance.cli.main import cli

    monkeypatch.chdir(tmp_path)

    def call(*arguments, stdin=None):
        return CliRunner().invoke(cli, ["score", "--detector", detector, *map(str, arguments)], input=stdin)

    return call


def rows(path, texts):
    path.write_text("".join(json.dumps({"id": f"r{k}", "text": text}) + "\n" for k, text in enumerate(texts)))
    return path


def records(text):
    return [json.loads(line) for line in text.splitlines()]


def test_one_record_a_document_in_the_order_of_the_input(run, tmp_path):
    result = run(rows(tmp_path / "in.jsonl", [f"{LONG} {k}" for k in range(600)]))
    assert result.exit_code == 0
    assert [record["id"] for record in records(result.stdout)] == [f"r{k}" for k in range(600)]


def test_the_record_has_the_published_fields_in_their_order(run, tmp_path):
    source = rows(tmp_path / "in.jsonl", [f"{LONG} overall"])
    plain, explained = records(run(source).stdout)[0], records(run(source, "--explain").stdout)[0]
    fields = "schema_version id n_words score probability p_value verdict reason family families chatgpt_probability"
    assert list(plain) == [*fields.split(), "detector"]
    assert list(explained) == [*fields.split(), "spans", "detector"]


def test_several_inputs_follow_each_other(run, tmp_path):
    first = rows(tmp_path / "a.jsonl", [LONG])
    second = tmp_path / "b.txt"
    second.write_text(LONG)
    assert len(records(run(first, second, first).stdout)) == 3


def test_standard_input_is_read_for_a_dash(run):
    result = run("-", stdin=json.dumps({"id": "x", "output": LONG}))
    assert records(result.stdout)[0]["id"] == "x"


def test_the_shape_is_said_on_standard_error_alone(run, tmp_path):
    result = run(rows(tmp_path / "in.jsonl", [LONG]))
    assert "read as" in result.stderr and "read as" not in result.stdout


def test_named_fields_override_the_recognised_ones(run, tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"text": "short", "body": LONG, "key": "k7", "id": "no"}))
    record = records(run(source, "--text-field", "body", "--id-field", "key").stdout)[0]
    assert record["id"] == "k7" and record["n_words"] == len(LONG.split())


def test_a_field_that_is_not_there_is_told_with_those_that_are(run, tmp_path):
    result = run(rows(tmp_path / "in.jsonl", [LONG]), "--text-field", "body")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "body" in result.stderr and "text" in result.stderr and "id" in result.stderr


def test_bad_rows_are_told_by_file_and_line_and_end_with_1(run, tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text(f'{{"text": "{LONG}"}}\n{{"text": \n{{"text": "{LONG}"}}\n')
    result = run(source)
    assert result.exit_code == 1
    assert len(records(result.stdout)) == 2
    assert "in.jsonl:2" in result.stderr and "1 row could not be read" in result.stderr


def test_skip_bad_tells_bad_rows_and_ends_with_0(run, tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text(f'{{"text": "{LONG}"}}\nnot json\n')
    result = run(source, "--skip-bad")
    assert result.exit_code == 0 and "in.jsonl:2" in result.stderr


def test_bad_rows_do_not_keep_the_output_file_from_being_written(run, tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text(f'{{"text": "{LONG}"}}\nnot json\n')
    assert run(source, "-o", "out.jsonl").exit_code == 1
    assert len(records((tmp_path / "out.jsonl").read_text())) == 1


def test_the_last_lines_sum_up_with_reasons_and_an_interval(run, tmp_path):
    texts = [f"{LONG} overall", f"{LONG} one", f"{LONG} two", "too short"]
    counts, share = run(rows(tmp_path / "in.jsonl", texts)).stderr.splitlines()[-2:]
    assert "4 documents" in counts and "1 flagged, 2 not flagged, 1 abstained (too_short 1)" in counts
    assert "33.3 % of 3 judged documents" in share and "6.1 to 79.2 %" in share
    assert "not the share of machine text" in share


def test_no_share_is_given_when_nothing_was_judged(run, tmp_path):
    result = run(rows(tmp_path / "in.jsonl", ["short"]), "--fail-above", "0")
    assert result.exit_code == 0 and "unknown" in result.stderr


def test_quiet_leaves_only_the_data(run, tmp_path):
    result = run(rows(tmp_path / "in.jsonl", [LONG]), "--quiet")
    assert result.stderr == "" and len(records(result.stdout)) == 1


@pytest.mark.parametrize(("gate", "code"), [("0.4", 3), ("0.5", 0), ("1", 0)])
def test_the_gate_ends_with_3_only_above_the_share(run, tmp_path, gate, code):
    source = rows(tmp_path / "in.jsonl", [f"{LONG} overall", LONG, "short"])
    result = run(source, "--fail-above", gate)
    assert result.exit_code == code
    assert len(records(result.stdout)) == 3


@pytest.mark.parametrize(("option", "value"), [("--fpr", "0"), ("--fpr", "1"), ("--workers", "-1"), ("--fail-above", "2")])
def test_a_value_out_of_range_is_wrong_usage(run, tmp_path, option, value):
    assert run(rows(tmp_path / "in.jsonl", [LONG]), option, value).exit_code == 2


def test_an_input_that_does_not_exist_is_wrong_usage(run):
    result = run("absent.jsonl")
    assert result.exit_code == 2 and "absent.jsonl" in result.stderr


def test_an_empty_file_ends_with_1_and_writes_nothing(run, tmp_path):
    (tmp_path / "in.jsonl").write_text("")
    result = run("in.jsonl", "-o", "out.jsonl")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1 and "in.jsonl" in result.stderr
    assert not list(tmp_path.glob("out*"))


def test_an_empty_file_among_others_is_told_and_the_others_are_scored(run, tmp_path):
    (tmp_path / "empty.jsonl").write_text("")
    result = run("empty.jsonl", rows(tmp_path / "in.jsonl", [LONG]))
    assert result.exit_code == 1 and len(records(result.stdout)) == 1
    assert "empty.jsonl" in result.stderr


@pytest.mark.parametrize("content", [b"\x00\x01\x02\x03" * 100, b"\x1f\x8b\x08broken"])
def test_a_binary_or_broken_file_ends_with_one_line(run, tmp_path, content):
    (tmp_path / "in.gz").write_bytes(content)
    result = run("in.gz")
    assert result.exit_code == 1 and len(result.stderr.splitlines()) == 1


def test_an_empty_text_is_a_record_and_not_an_error(run, tmp_path):
    result = run(rows(tmp_path / "in.jsonl", ["", LONG]))
    first = records(result.stdout)[0]
    assert result.exit_code == 0 and first["verdict"] == "abstained" and first["score"] is None


def test_an_error_while_scoring_leaves_the_earlier_output(run, tmp_path):
    (tmp_path / "out.csv").write_text("earlier")
    result = run(rows(tmp_path / "in.jsonl", ["REFUSE"]), "-o", "out.csv")
    assert result.exit_code == 1 and (tmp_path / "out.csv").read_text() == "earlier"
    assert len(list(tmp_path.iterdir())) == 3  # input, output, detector: no temporary file


def test_a_fault_inside_is_one_line_and_a_traceback_only_with_debug(run, tmp_path, monkeypatch):
    import cli_driver

    monkeypatch.setattr(cli_driver.FakeDetector, "_one", lambda *_: 1 / 0)
    source = rows(tmp_path / "in.jsonl", [LONG])
    plain, debug = run(source, "-q"), run(source, "-q", "--debug")
    assert plain.exit_code == debug.exit_code == 1
    assert "ZeroDivisionError" in plain.stderr and len(plain.stderr.splitlines()) == 1
    assert "Traceback" in debug.stderr


def test_an_unknown_detector_is_one_line_with_the_known_ones(run, tmp_path):
    result = run(rows(tmp_path / "in.jsonl", [LONG]), "-q", "--detector", "nope")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1 and "nope" in result.stderr


def test_an_output_in_a_folder_that_is_not_there_is_told_before_scoring(run, tmp_path):
    result = run(rows(tmp_path / "in.jsonl", [LONG]), "-o", "no/such/out.jsonl")
    assert result.exit_code == 1 and "no/such" in result.stderr and "read as" not in result.stderr


def test_the_input_is_never_written_over(run, tmp_path):
    source = rows(tmp_path / "in.jsonl", [LONG])
    before = source.read_bytes()
    assert run(source, "-o", "in.jsonl").exit_code == 2
    assert run(source, "--report", "in.jsonl").exit_code == 2
    assert source.read_bytes() == before


def test_json_is_one_array_of_the_same_records(run, tmp_path):
    source = rows(tmp_path / "in.jsonl", [f"{LONG} {k}" for k in range(300)])
    assert json.loads(run(source, "--format", "json").stdout) == records(run(source).stdout)


def test_csv_has_a_header_and_a_row_a_document(run, tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"id": 'a,"b', "text": f"{LONG} overall"}) + "\n")
    table = list(csv.DictReader(io.StringIO(run(source, "--format", "csv", "--explain").stdout)))
    assert table[0]["id"] == 'a,"b' and table[0]["reason"] == ""
    assert json.loads(table[0]["spans"])[0]["text"] == "overall"
    assert json.loads(table[0]["families"]) == {"openai": 0.5}


def test_the_suffix_of_the_output_chooses_the_format(run, tmp_path):
    source = rows(tmp_path / "in.jsonl", [LONG])
    run(source, "-o", "out.csv")
    run(source, "-o", "out.json")
    assert (tmp_path / "out.csv").read_text().startswith("schema_version,id,")
    assert isinstance(json.loads((tmp_path / "out.json").read_text()), list)


def test_a_table_shows_verdict_reason_and_spans_for_reading(run, tmp_path):
    source = rows(tmp_path / "in.jsonl", [f"{LONG} overall", LONG, "short"])
    lines = run(source, "--format", "table", "--explain").stdout.splitlines()
    assert lines[0].split() == ["id", "words", "score", "prob.", "p-value", "verdict", "family"]
    assert "flagged" in lines[1] and "+1.25 overall" in lines[2]
    assert "not flagged" in lines[3] and "abstained: too short" in lines[4]


def test_columns_of_a_long_table_stand_still(run, tmp_path):
    texts = ["short" if k < 256 else f"{LONG} {'word ' * 5000}" for k in range(258)]
    lines = run(rows(tmp_path / "in.jsonl", texts), "--format", "table").stdout.splitlines()
    starts = {line.find(word) for line in lines for word in ("abstained", "not flagged", "verdict") if word in line}
    assert len(starts) == 1 and len(lines) == 259


def test_no_control_character_of_a_file_reaches_a_reader(run, tmp_path):
    source = tmp_path / "in.jsonl"
    evil = "\x1b]0;owned\x07\x1b[2J\u202e"
    good = json.dumps({"id": f"{evil}id", "text": f"{LONG} overall"})
    source.write_text(good + "\n" + json.dumps({"id": 2, f"{evil}key": 1}) + "\n")
    result = run(source, "--format", "table", "--explain")
    shown = result.stdout + result.stderr
    assert not any(mark in shown for mark in ("\x1b", "\x07", "\u202e"))


def test_json_lines_keep_the_id_as_it_was_read(run, tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"id": "\x1b[2Jx", "text": LONG}))
    assert records(run(source).stdout)[0]["id"] == "\x1b[2Jx"


def test_the_report_is_written_beside_the_records(run, tmp_path):
    result = run(rows(tmp_path / "in.jsonl", [f"{LONG} overall", LONG]), "--report", "page.html", "--explain")
    page = (tmp_path / "page.html").read_text()
    assert result.exit_code == 0 and len(records(result.stdout)) == 2
    assert "fake@1" in page and "overall" in page and "<mark" in page


@pytest.mark.parametrize("report", ["-", "out.jsonl"])
def test_the_report_needs_a_file_of_its_own(run, tmp_path, report):
    source = rows(tmp_path / "in.jsonl", [LONG])
    assert run(source, "-o", "out.jsonl", "--report", report).exit_code == 2
