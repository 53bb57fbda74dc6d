"""The commands that serve: their first line, several worlds, ports in use, sheets of links, a session that is gone."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from roleplay.branching import branch
from roleplay.cli import run as command
from roleplay.game import Options, open_run, play_on
from roleplay.journal import FILE
from roleplay.web.serve import Address, listen
from tests.engine.pond import POND, SEATS
from tests.hosting.pond import pond_run
from tests.web.place import opened

SERVE = ["serve", "dam", "--crisis", str(POND)]
OTHERS = ["--seat", "otter=baseline:dove", "--seat", "newt=baseline:defiant", "--seat", "heron=human"]


@contextmanager
def serving(home: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """A command that serves, in a process of its own until the block ends, and the links that it prints."""
    program = "from roleplay.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments, "--port", "0", "--json"], cwd=home,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def test_serve_prints_one_line_of_links_and_stops_where_the_journal_stands(tmp_path: Path) -> None:
    with serving(tmp_path, *SERVE, *OTHERS, "--worlds", "2") as (process, links):
        with urllib.request.urlopen(links["url"], timeout=20) as page:
            assert b"written by hand" in page.read()
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=30)
    assert set(links["links"]) == set(SEATS)
    assert len(links["worlds"]) == 1
    assert {links["control"], links["observer"], links["analyst"]} & set(links["links"].values()) == set()
    assert rest[0] == ""
    assert "roleplay serve" in rest[1]
    assert process.returncode == 130
    runs = list((tmp_path / "transcripts").iterdir())
    assert len(runs) == 2
    assert {open_run(run).setup.settings.seed for run in runs} == {0, 1}


def test_a_run_is_served_again_with_its_branches_which_wait_for_control(tmp_path: Path) -> None:
    run = pond_run(tmp_path / "transcripts")
    once = branch(run, "1.talks", Options(out=run.parent), {})
    twice = branch(once, "1.talks", Options(out=run.parent), {})
    broken = branch(run, "1.talks", Options(out=run.parent), {})
    with sqlite3.connect(broken / FILE) as journal:
        journal.execute("DELETE FROM blobs")
    with serving(tmp_path, "serve", "run") as (_, links):
        assert [world["title"] for world in links["worlds"]] == [once.name, twice.name]
        link = urlsplit(links["worlds"][1]["control"])
        with httpx2.Client(base_url=links["url"], headers={"Origin": links["url"]}, follow_redirects=True) as control:
            desk = control.post("/join", data={"token": link.path.rpartition("/")[2]})
            kept = dict(control.cookies)
    for words in ("Go on", f'href="{desk.url.path}">{twice.name}</a>', "this game", once.name):
        assert words in desk.text
    with serving(tmp_path, "serve", "run") as (process, links):
        again = httpx2.get(f"{links['url']}{desk.url.path}", cookies=kept)
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=30)[1]
    assert (again.status_code, twice.name in again.text) == (200, True)
    assert f"{broken.name}, a branch, is not served" in told


def test_a_run_that_is_over_is_looked_at_with_its_branches_until_one_of_them_is_not(tmp_path: Path) -> None:
    run = pond_run(tmp_path / "transcripts", dict.fromkeys(SEATS, "baseline:dove"))
    asyncio.run(play_on(run, Options(out=run.parent)))
    once = branch(run, "1.act", Options(out=run.parent), {})
    with serving(tmp_path, "serve", "run") as (_, links):
        assert [row["title"] for row in (links, *links["worlds"])] == ["World 1", once.name]
    asyncio.run(play_on(once, Options(out=run.parent)))
    with serving(tmp_path, "serve", "run") as (_, links):
        assert (links["links"], links["worlds"]) == ({}, [])
        for name in ("run", once.name):
            assert httpx2.get(f"{links['url']}/replay/{name}").status_code == 200


def test_a_port_in_use_and_several_workers_are_refused_clearly(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert command([*SERVE, "--port", str(taken.getsockname()[1])]) == 75
    assert "choose another --port" in capsys.readouterr().err
    monkeypatch.setenv("WEB_CONCURRENCY", "4")
    assert command([*SERVE, "--port", "0"]) == 2
    assert "one process" in capsys.readouterr().err
    assert not (tmp_path / "transcripts").exists()


def test_a_server_knows_its_own_names() -> None:
    made, address = listen(Address())
    made.close()
    assert f"localhost:{address.port}" in address.names()
    assert Address("0.0.0.0", 80).names() == frozenset()
    assert Address("0.0.0.0", 80, known_as="192.0.2.7").url == "http://192.0.2.7:80"
    assert not Address("0.0.0.0", 80).loopback
    assert "class.example" in Address("127.0.0.1", 80, "https://class.example").names()


async def test_a_sheet_has_a_link_and_a_picture_for_every_person(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        control, heron = await place.enter("control"), await place.enter("heron")
        page = (await control.post("sheet")).text
        assert page.count("/join/") == 1
        assert "data:image/svg+xml" in page
        assert (await heron.post("sheet")).status_code == 403


def test_a_deleted_session_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    folder = pond_run(tmp_path / "transcripts")
    (folder / "desks.json").write_text("{}")
    assert command(["session", "delete", "run", "--json"]) == 0
    removed = json.loads(capsys.readouterr().out)["removed"]
    assert {Path(f).name for f in removed} >= {"journal.sqlite", "desks.json"}
    assert not folder.exists()
    assert command(["session", "delete", "run"]) == 2
