"""Promises 10 and 11: keys stay secret, nothing phones home; and a model's reasoning stays in a record of its own."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest

from roleplay.cli import run as command
from roleplay.events import PUBLIC, Deliberation, Reasoning, Spoken
from roleplay.models import Reply, Request
from roleplay.models.scripted import ScriptedModel
from roleplay.transcripts.export import export
from roleplay.transcripts.finding import run_folders
from roleplay.transcripts.record import load_record
from roleplay.views import AFTER, view
from tests.conftest import Guard, is_local
from tests.engine.pond import POND, SEATS

from .endpoint import Body, Endpoint, Handler, schema_of
from .playing import drawn, play_models, sent, turn

KEY = "sk-canary-7f3a9c51d2e84b60"
FORMATS = ("jsonl", "md", "html", "csv")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    proxies = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
    for name in ("OPENAI_BASE_URL", "ROLEPLAY_MODEL", "ROLEPLAY_BASE_URL", *proxies):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def on(endpoint: Endpoint, *more: str) -> list[str]:
    return ["run", "dam", "--crisis", str(POND), "--model", "m", "--base-url", endpoint.url, "--rounds", "1", *more]


def test_an_endpoint_with_a_key_of_its_own_gets_that_and_no_other(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM_KEY", "sk-team")
    monkeypatch.setenv("OTHER_KEY", "sk-other")
    with Endpoint() as team, Endpoint() as other:
        Path("roleplay.toml").write_text(f'api_key_env = "TEAM_KEY"\n[keys]\n"{other.url}" = "OTHER_KEY"\n', "utf-8")
        assert command(on(team, "--model-of", f"newt=n@{other.url}")) == 0
    sent = [{h["authorization"] for h in endpoint.headers} for endpoint in (team, other)]
    assert sent == [{"Bearer sk-team"}, {"Bearer sk-other"}]
    assert {body["model"] for body in other.bodies} == {"n"}


def without_key(*texts: str) -> None:
    for text in texts:
        assert KEY not in text
        assert KEY[::-1] not in text


def test_a_key_is_sent_to_the_endpoint_and_written_nowhere(
    here: Path, capsys: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with Endpoint() as endpoint:
        assert command(on(endpoint, "--json")) == 0
    assert {h["authorization"] for h in endpoint.headers} == {f"Bearer {KEY}"}
    assert command(["config", "show", "--origin", "--json"]) == 0
    assert command(["doctor", "--json"]) in (0, 1)
    assert command(["list", "runs", "--json"]) == 0
    [folder] = run_folders(here / "transcripts")
    record = load_record(folder)
    exports = [export(r, f) for r in (record, record.as_seat("otter"), record.as_seat(PUBLIC)) for f in FORMATS]
    out = capsys.readouterr()
    log = "\n".join(record.getMessage() for record in caplog.records)
    without_key(sent(folder), *exports, out.out, out.err, log, repr(record))
    for body in endpoint.bodies:
        without_key(json.dumps(body))


@pytest.mark.parametrize("status", [401, 403, 400, 500])
def test_an_endpoint_that_repeats_the_key_does_not_get_it_shown(
    here: Path, capsys: Any, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)

    def echo(body: Body, http: Handler) -> None:
        http.refuse(status, f"bad key {http.headers['Authorization']}: {json.dumps(body)[-400:]}")

    with Endpoint(echo) as endpoint:
        assert command(on(endpoint)) == 4
    out = capsys.readouterr()
    assert "roleplay resume" in out.err
    [folder] = run_folders(here / "transcripts")
    log = "\n".join(record.getMessage() for record in caplog.records)
    without_key(sent(folder), out.out, out.err, log)


def test_only_the_chosen_endpoint_is_contacted_and_tracing_is_off(
    capsys: Any, network: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    before = dict(os.environ)
    network.contacted.clear()
    with Endpoint() as endpoint:
        assert command(on(endpoint)) == 0
    assert set(network.contacted) == {"127.0.0.1"}
    assert network.refused == []
    assert os.environ.get("LANGSMITH_TRACING", "false") == "false"
    changed = {k for k in before.keys() | os.environ.keys() if before.get(k) != os.environ.get(k)}
    assert not [k for k in changed if k.startswith(("LANGSMITH", "LANGCHAIN"))]


def test_the_guard_itself_refuses_strangers(network: Guard) -> None:
    import socket

    assert is_local("127.0.0.1")
    assert is_local("::1")
    assert not is_local("192.0.2.1")
    assert not is_local("example.org")
    with socket.socket() as stranger, pytest.raises(OSError, match="sockets are closed"):
        stranger.connect(("192.0.2.1", 80))
    with pytest.raises(OSError, match="sockets are closed"):
        socket.getaddrinfo("example.org", 443)
    network.refused.clear()


# --- reasoning, deliberation and text are three records ---------------------------------------------------------------


def thinking(request: Request) -> Reply:
    n = request.seed
    text = "" if '"instrument"' in json.dumps(request.schema) and '"use"' in json.dumps(request.schema) else f"said{n}x"
    return Reply(json.dumps(turn(text, {"kind": "pass"}, deliberation=f"mulled{n}x")), reasoning=f"reasoned{n}x")


async def test_reasoning_deliberation_and_text_are_kept_apart(tmp_path: Path) -> None:
    model = ScriptedModel(thinking)
    run = await play_models(tmp_path, model, rounds=2)
    reasoning = [e for e in run.events if isinstance(e, Reasoning)]
    mulled = [e for e in run.events if isinstance(e, Deliberation)]
    spoken = [e for e in run.events if isinstance(e, Spoken)]
    assert len(reasoning) == len(mulled) == len(spoken) == len(model.requests) > 20
    assert all(e.readers == () and e.text.startswith("reasoned") for e in reasoning)
    assert all(e.readers == (e.seat,) and e.text.startswith("mulled") for e in mulled)
    assert all(e.text == "" or e.text.startswith("said") for e in spoken)
    for request in model.requests:
        assert "reasoned" not in json.dumps(list(request.messages))
    mine = {e.text: e.seat for e in mulled}
    prompts = {seat: json.dumps([list(r.messages) for r in model.requests if r.slot == seat]) for seat in SEATS}
    assert any(text in prompts[seat or ""] for text, seat in mine.items()), "a seat is reminded of its own"
    for seat in SEATS:
        assert not [text for text, owner in mine.items() if owner != seat and text in prompts[seat]]
        assert not [e for e in view(run.events, seat, AFTER).events if isinstance(e, Reasoning)]
    record = load_record(run.folder)
    for reader in (*SEATS, PUBLIC):
        for format in FORMATS:
            text = export(record.as_seat(reader), format)
            assert "reasoned" not in text
            assert not [t for t, owner in mine.items() if owner != reader and t in text]


def test_a_providers_reasoning_comes_through_the_real_client_into_that_record(here: Path, capsys: Any) -> None:
    def answer(body: Body, http: Handler) -> None:
        words = json.dumps(drawn(schema_of(body), body["seed"]))
        http.say(words, reasoning_content="reasoned by the provider")

    with Endpoint(answer) as endpoint:
        assert command(on(endpoint)) == 0
    [folder] = run_folders(here / "transcripts")
    record = load_record(folder)
    assert [e for e in record.events if isinstance(e, Reasoning)]
    assert not any("reasoned by" in json.dumps(body) for body in endpoint.bodies)
    assert "reasoned by" not in export(record.as_seat("heron"), "jsonl")
