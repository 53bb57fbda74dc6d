"""The command line: what each exit code is for, what goes to which stream, and what starting it does not load."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from roleplay.cli import run as command
from roleplay.cli.app import app
from roleplay.game import open_run
from roleplay.journal import FILE, Journal
from roleplay.transcripts.finding import run_folders
from tests.engine.pond import POND

from .endpoint import Body, Endpoint, Handler, sensible
from .playing import new_run

BASE = ["run", "dam", "--crisis", str(POND)]
SEATS = ["--seat", "heron=baseline:steady", "--seat", "otter=baseline:dove", "--seat", "newt=baseline:defiant"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ROLEPLAY_MODEL", "ROLEPLAY_BASE_URL", "ROLEPLAY_OUT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def played(here: Path, capsys: Any) -> Path:
    """A finished run of baselines."""
    assert command([*BASE, *SEATS, "--rounds", "1"]) == 0
    capsys.readouterr()
    [folder] = run_folders(here / "transcripts")
    return folder


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "damm", "--crisis", str(POND)], "did you mean 'dam'"),
        ([*BASE, "--seat", "hero=baseline:steady"], "did you mean 'heron'"),
        ([*BASE, "--seat", "heron"], "write SEAT=VALUE"),
        ([*BASE, "--seat", "heron=baselin:steady"], "driver 'baselin:steady' does not exist"),
        ([*BASE, "--seat", "heron=baseline:stedy"], "did you mean 'steady'"),
        ([*BASE, "--strategy", "carefull"], "did you mean 'careful'"),
        ([*BASE, "--world", "artcle"], "did you mean 'article'"),
        ([*BASE, "--mode", "maybe"], "prevent, block or observe"),
        ([*BASE, "--rounds", "99"], "has 4 rounds"),
        ([*BASE, "--rounds", "0"], "--rounds"),
        ([*BASE, "--no-such-option"], "--no-such-option"),
        ([*BASE, "--mask"], "has no mask.yaml"),
        ([*BASE, "--base-url", "http://127.0.0.1:9/v1"], "no model"),
        ([*BASE, "--model", "m", "--base-url", "URL"], "no http(s) address"),
        ([*BASE, "--model-of", "heron=m@URL"], "no http(s) address"),
        (["resume", "no-such-run"], "no-such-run"),
        (["branch", "no-such-run", "--at", "1"], "no-such-run"),
        (["export", "no-such-run"], "no-such-run"),
        (["verify", "no-such-run"], "no-such-run"),
        (["show", "no-such-run", "00"], "no-such-run"),
        (["serve", "agust-2017"], "; scenarios are august-2017, back-channel"),
        (["list", "nothings"], "cannot list 'nothings'"),
        (["validate", "no-such-folder"], "does not exist"),
        (["fetch-model", "no-such-model"], "no-such-model"),
        (["eval", "no-such-suite.yaml"], "no-such-suite.yaml does not exist"),
        (["power", "no-such-suite.yaml"], "no-such-suite.yaml does not exist"),
        (["score", "--commitments", "no-such-deal.yaml"], "does not exist"),
        (["score", "--text", "no-such-text.md"], "does not exist"),
        (["calibrate", "--cases", "no-such-cases.yaml"], "does not exist"),
        (["frobnicate"], "frobnicate"),
        (["replay", "a" * 300], "longer than a name"),
        (["list", "scenarios", "--crisis", "a" * 300], "longer than a name"),
        (["show", "~nobody-at-all/run", "00"], "no run is called"),
        ([*BASE, "--seat", f"heron=script:{'a' * 300}"], "307 characters"),
        ([*BASE, "--seat", "heron=python:no_such_bot:Careful"], "does not import"),
        ([*BASE, "--seat", "heron=python:json:loads"], "has no method decide(view)"),
        ([*BASE, "--seat", "heron=script:no-such-script"], "no-such-script"),
    ],
)
def test_what_does_not_exist_is_exit_2_and_says_what_does(
    here: Path, capsys: Any, arguments: list[str], words: str
) -> None:
    assert command(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert "Traceback" not in err
    assert not list(here.rglob(FILE))


def test_a_broken_crisis_is_exit_3_with_every_problem(here: Path, capsys: Any) -> None:
    import shutil

    crisis = here / "pond"
    shutil.copytree(POND, crisis)
    file = crisis / "scenarios" / "dam.yaml"
    text = file.read_text("utf-8").replace("heron: steady", "heron: steady, heron: dove")
    file.write_text(text + "\n  bad: [", "utf-8")
    for arguments in (["run", "dam", "--crisis", str(crisis)], ["validate", str(crisis)]):
        assert command(arguments) == 3
        out, err = capsys.readouterr()
        assert "dam.yaml" in out + err
        assert "Traceback" not in err
    assert command(["validate", str(crisis), "--json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is False
    assert {"file", "line", "found", "allowed", "hint"} <= found["problems"][0].keys()


def test_a_run_that_another_process_plays_is_exit_75_and_says_how_to_go_on(here: Path, capsys: Any) -> None:
    folder = new_run(here)
    with Journal.open(folder, write=True):
        assert command(["resume", str(folder)]) == 75
    assert "go on with: roleplay resume run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        (".env", b"ROLEPLAY_OUT=caf\xe9", ".env: is not UTF-8; save it as UTF-8"),
        (".env", b"ROLEPLAY_MAX_COST=much", ".env: max_cost: 'much'; allowed: a valid number"),
        ("roleplay.toml", b"out = caf", "roleplay.toml: Invalid value"),
        ("roleplay.toml", b"ouut = 'x'", "roleplay.toml: ouut: unknown setting"),
    ],
)
def test_a_setting_that_cannot_be_is_exit_3_and_names_its_file(
    here: Path, capsys: Any, file: str, content: bytes, words: str
) -> None:
    (here / file).write_bytes(content)
    assert command(["config", "show"]) == 3
    assert words in capsys.readouterr().err


def test_a_newer_journal_is_exit_6(played: Path, capsys: Any) -> None:
    with sqlite3.connect(played / FILE) as db:
        db.execute("UPDATE meta SET value = '99' WHERE name = 'format'")
    db.close()
    for arguments in (["resume", str(played)], ["export", str(played)], ["replay", str(played)]):
        assert command(arguments) == 6
        out, err = capsys.readouterr()
        assert out == ""
        assert "newer than this program" in err


def test_damage_is_exit_6_and_what_is_whole_is_saved(played: Path, capsys: Any) -> None:
    assert command(["verify", str(played), "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    assert whole["ok"] is True
    with sqlite3.connect(played / FILE) as db:
        count = db.execute("SELECT count(*) FROM events").fetchone()[0]
        db.execute("UPDATE events SET body = replace(body, 'a', 'b') WHERE seq = (SELECT max(seq) FROM events)")
    db.close()
    assert command(["verify", str(played), "--json"]) == 6
    out, err = capsys.readouterr()
    assert json.loads(out)["ok"] is False
    assert "roleplay salvage" in err
    assert command(["resume", str(played)]) == 6
    capsys.readouterr()
    assert command(["salvage", str(played), "--out", "saved", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["damage"] == json.loads(out)["damage"], "of the same form as `verify` has it"
    assert (told["ok"], told["lost"] > 0) == (False, True)
    assert command(["verify", "saved", "--json"]) == 0
    saved = json.loads(capsys.readouterr().out)
    assert count - 1 <= saved["events"] + 1
    assert command(["resume", "saved"]) == 0


def test_an_export_is_verified_by_its_digests_and_has_no_journal_to_save(played: Path, capsys: Any) -> None:
    assert command(["export", played.name, "--out", "run.jsonl"]) == 0
    assert command(["verify", "run.jsonl", "--json"]) == 0
    whole = Path("run.jsonl").read_text("utf-8")
    assert json.loads(capsys.readouterr().out)["events"] == len(whole.splitlines())
    Path("run.jsonl").write_text(whole.replace("Newt builds", "Newt wrecks", 1), "utf-8")
    assert command(["verify", "run.jsonl", "--json"]) == 6
    out, err = capsys.readouterr()
    assert "was changed after the export" in json.loads(out)["damage"][0]["what"]
    assert "salvage" not in err
    for arguments in (
        ["salvage", "run.jsonl"], ["resume", "run.jsonl"], ["branch", "run.jsonl", "--at", "1"],
        ["probe", "run.jsonl", "--at", "1f"],
    ):  # fmt: skip
        assert command(arguments) == 2
        assert "needs the run's folder" in capsys.readouterr().err


def test_a_branch_keeps_what_it_is_not_told_to_change_and_goes_where_it_is_told(here: Path, capsys: Any) -> None:
    with Endpoint() as endpoint:
        models = ["--model-of", f"heron=a@{endpoint.url}", "--model-of", f"newt=b@{endpoint.url}"]
        seats = ["--seat", "heron=model", "--seat", "newt=model", "--seat", "otter=baseline:dove"]
        assert command([*BASE, *seats, *models, "--rounds", "1", "--json"]) == 0
        name = Path(json.loads(capsys.readouterr().out)["run"]).name
        endpoint.bodies.clear()
        changed = ["--model-of", f"newt=c@{endpoint.url}", "--out", "elsewhere", "--json"]
        assert command(["branch", name, "--at", "1.act", *changed]) == 0
    assert Path(json.loads(capsys.readouterr().out)["run"]).parent == (here / "elsewhere").resolve()
    assert {body["model"] for body in endpoint.bodies} == {"a", "c"}


def test_a_branch_is_asked_what_run_is_asked(here: Path, capsys: Any) -> None:
    assert command([*BASE, *SEATS, "--rounds", "2", "--seed", "5", "--json"]) == 0
    name = Path(json.loads(capsys.readouterr().out)["run"]).name
    asked = ["--bind", "SHOULD", "--mode", "observe", "--seed", "0", "--rounds", "1", "--json"]
    assert command(["branch", name, "--at", "1.act", *asked]) == 0
    settings = open_run(Path(json.loads(capsys.readouterr().out)["run"])).setup.settings
    assert (settings.bind, settings.mode, settings.seed, settings.rounds) == (("SHOULD",), "observe", 0, 1)
    assert command(["branch", name, "--at", "1.act", "--mode", "loud"]) == 2
    assert command(["branch", name, "--at", "1.act", "--crisis", str(POND)]) == 2
    assert command(["branch", name, "--at", "1.act", "--variant", "0"]) == 2


def test_a_seats_own_program_that_breaks_is_told_with_its_line_and_how_to_go_on(here: Path, capsys: Any) -> None:
    (here / "breaking_bot.py").write_text("class Bot:\n    def decide(self, view):\n        raise ValueError('oops')\n")
    assert command([*BASE, *SEATS, "--seat", "heron=python:breaking_bot:Bot"]) == 1
    err = capsys.readouterr().err
    assert "unexpected ValueError: oops" in err
    assert "breaking_bot.py:3; tell whoever wrote that" in err
    [folder] = run_folders(here / "transcripts")
    assert f"go on with: roleplay resume transcripts/{folder.name}" in err


def test_a_branch_that_would_end_before_it_begins_is_refused(here: Path, capsys: Any) -> None:
    assert command([*BASE, *SEATS, "--rounds", "2", "--json"]) == 0
    run = Path(json.loads(capsys.readouterr().out)["run"])
    assert command(["branch", run.name, "--at", "2.act", "--rounds", "1"]) == 2
    assert "--rounds 1: the branch goes on in round 2" in capsys.readouterr().err
    assert run_folders(run.parent) == [run]


def test_a_branch_to_a_seat_that_cannot_play_is_not_begun(played: Path, capsys: Any) -> None:
    assert command(["branch", played.name, "--at", "1.act", "--seat", "heron=python:no_such_bot:Careful"]) == 2
    assert "does not import" in capsys.readouterr().err
    assert run_folders(played.parent) == [played]


def test_a_run_without_a_call_has_cost_nothing_and_its_one_round_is_a_round(here: Path, capsys: Any) -> None:
    assert command([*BASE, *SEATS, "--rounds", "1", "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cost_usd"] == {"low": 0, "high": 0}
    assert command([*BASE, *SEATS, "--rounds", "1"]) == 0
    words, _ = capsys.readouterr()
    assert "\n1 round, " in words
    [name] = re.findall(r"^transcript: (.*)$", words, re.MULTILINE)
    assert command(["resume", name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cost_usd"] == 0


def test_what_is_broken_is_told_beside_the_rest_of_a_list(here: Path, capsys: Any) -> None:
    (here / "evals" / "suites").mkdir(parents=True)
    (here / "evals" / "suites" / "half.yaml").write_text("title: [", encoding="utf-8")
    (here / "evals" / "rubrics").mkdir()
    (here / "evals" / "rubrics" / "half.md").write_text("no head", encoding="utf-8")
    for kind, known in (("suites", "smoke"), ("rubrics", "premeditation")):
        assert command(["list", kind, "--json"]) == 0
        out, err = capsys.readouterr()
        assert known in {row["name"] for row in json.loads(out)}
        assert "half." in err


def test_a_list_of_runs_names_each_once(played: Path, capsys: Any) -> None:
    assert command(["list", "runs"]) == 0
    assert capsys.readouterr().out == f"{played.name}\n"


def test_a_key_without_a_model_is_in_the_way_of_no_game_that_needs_none(
    here: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-something-else")
    assert command([*BASE, *SEATS, "--rounds", "1"]) == 0
    assert command(["eval", "smoke", "--dry-run", "--json"]) == 0
    capsys.readouterr()
    for seats in (SEATS[2:], [*SEATS, "--seat", "heron=model"]):
        assert command([*BASE, *seats]) == 2
        assert "OPENAI_API_KEY is given but no model" in capsys.readouterr().err


def test_a_command_that_is_shown_can_be_typed_where_a_folder_has_blanks(here: Path, capsys: Any) -> None:
    assert command([*BASE, *SEATS, "--rounds", "1", "--out", "my runs"]) == 0
    [shown] = re.findall(r"^see again:  roleplay (.*)$", capsys.readouterr().out, re.MULTILINE)
    assert command([*shlex.split(shown), "--speed", "0"]) == 0


def test_json_is_one_document_on_standard_output(played: Path, capsys: Any) -> None:
    name = played.name
    assert command(["export", name, "--format", "jsonl"]) == 0
    event = json.loads(capsys.readouterr().out.splitlines()[-1])["id"]
    for arguments in (
        [*BASE, *SEATS, "--rounds", "1"], [*BASE, *SEATS, "--dry-run"], ["resume", name],
        ["branch", name, "--at", "1.act"], ["branch", name, "--at", "1.act", "--times", "2"], ["show", name, event],
        ["verify", name], ["list", "scenarios"], ["list", "runs"], ["list", "rules", "--crisis", str(POND)],
        ["list", "models"], ["validate", str(POND)], ["config", "show"], ["config", "show", "--origin"], ["doctor"],
        ["salvage", name],
    ):  # fmt: skip
        assert command([*arguments, "--json"]) in (0, 1), arguments
        out = capsys.readouterr().out
        json.loads(out)
        assert out.endswith("\n")


def commands(group: Any = None, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    group = group or get_command(app)
    found: list[tuple[str, ...]] = [path] if path else []
    for name, sub in getattr(group, "commands", {}).items():
        found += commands(sub, (*path, name))
    return found


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_help_of_every_command_has_an_example(path: tuple[str, ...], capsys: Any) -> None:
    assert command([*path, "--help"]) == 0
    out = capsys.readouterr().out
    assert "Example: roleplay" in " ".join(out.split())


def test_exit_4_and_5_say_how_to_go_on(here: Path, capsys: Any) -> None:
    answers = {"up": False}

    def answer(body: Body, http: Handler) -> None:
        sensible(body, http) if answers["up"] else http.refuse(401)

    with Endpoint(answer) as endpoint:
        ask = [*BASE, "--model", "m", "--base-url", endpoint.url, "--rounds", "1"]
        assert command(ask) == 4
        assert "roleplay resume" in capsys.readouterr().err
        [folder] = run_folders(here / "transcripts")
        answers["up"] = True
        assert command(["resume", folder.name, "--max-tokens", "3000"]) == 5
        assert "roleplay resume" in capsys.readouterr().err
        assert command(["resume", folder.name, "--max-tokens", "10000000", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["ended"] == "truncated"
        assert command(["resume", folder.name, "--json"]) == 0, "a finished run only tells its result"
        assert json.loads(capsys.readouterr().out)["ended"] == "truncated"


def test_a_disk_that_is_full_before_the_first_round_is_exit_74_and_leaves_no_run(here: Path) -> None:
    little = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))"
    code = f"{little}; from roleplay.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *BASE, *SEATS], cwd=here, capture_output=True, text=True, check=False
    )
    assert done.returncode == 74, done.stderr
    assert "resume" not in done.stderr
    assert not list(here.rglob(FILE))


def test_ctrl_c_is_exit_130_and_prints_the_command_that_resumes(tmp_path: Path) -> None:
    reached = threading.Event()

    def hang(body: Body, http: Handler) -> None:
        reached.set()
        http.hang()

    with Endpoint(hang) as endpoint:
        folder = new_run(tmp_path, base_url=endpoint.url, rounds=1)
        process = subprocess.Popen(
            [sys.executable, "-c", "from roleplay.cli import main; main()", "resume", str(folder)],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert reached.wait(60)
        finally:
            os.kill(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == ""
    assert f"roleplay resume {folder.name}" in err
    assert "Traceback" not in err


HEAVY = ("langgraph", "langchain_core", "langsmith", "openai", "httpx2", "xllamacpp", "jinja2", "rich.console")
PLAYING = ("roleplay.setup", "roleplay.game")


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import roleplay", (*HEAVY, "pydantic", "typer", "yaml", "sqlite3")),
        ("from roleplay.cli import run; run(['--help'])", HEAVY),
        ("from roleplay.cli import run; run(['run', '--help'])", HEAVY),
        ("from roleplay.cli import run; run(['config', 'show'])", HEAVY),
        ("from roleplay.cli import run; run(['list', '--json'])", (*HEAVY, *PLAYING)),
        ("from roleplay.cli import run; run(['list', 'runs'])", (*HEAVY, *PLAYING)),
    ],
)
def test_starting_loads_nothing_that_is_not_needed(code: str, absent: tuple[str, ...], here: Path) -> None:
    ask = f"{code}; import sys; sys.stderr.write(' '.join(n for n in {absent!r} if n in sys.modules))"
    found = subprocess.run(
        [sys.executable, "-c", ask], cwd=here, capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stderr == ""
