"""The fixture game as a record, as a run's folder, and with marks planted in its texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roleplay.journal import Journal, ReplyKey, StoredReply
from roleplay.transcripts.record import Played, RunRecord, load_record, words_note
from tests.transcripts.builder import SECRET, Game
from tests.transcripts.game import play
from tests.transcripts.words_of_the_game import SETUP


@pytest.fixture(scope="session")
def game() -> Game:
    return play()


@pytest.fixture
def record(game: Game) -> RunRecord:
    return record_of_game(game)


@pytest.fixture
def folder(game: Game, tmp_path: Path) -> Path:
    """The game in a journal, with one model's reply behind a turn."""
    return stored(game, tmp_path / "transcripts" / "august-2017-a1")


def record_of_game(game: Game) -> RunRecord:
    return RunRecord(game.events, played=Played(name="august", setup=SETUP, words=words_note(SETUP)))


def stored(game: Game, folder: Path) -> Path:
    with Journal.create(folder, secret=SECRET) as journal:
        hash = journal.put_blob(json.dumps(SETUP))
        for key, event in game.entries:
            fresh = event.model_copy(update={"setup": hash}) if event.id == game.events[0].id else event
            journal.add([(key, fresh)])
        sent = (("system", journal.put_blob("You are a government.")), ("user", journal.put_blob("Your turn.")))
        schema = journal.put_blob('{"type": "object"}')
        reply = StoredReply(
            "SmolLM2-135M-Instruct", sent, schema, '{"text": "raw"}', prompt_tokens=100, cached_tokens=60,
            completion_tokens=20, seconds=0.5, cost_usd=0.01,
        )  # fmt: skip
        journal.add_reply(ReplyKey(1, "talks", "us-dprk", 2, "us", 0), reply)
        journal.finish()
    return folder


@pytest.fixture
def loaded(folder: Path) -> RunRecord:
    return load_record(folder)
