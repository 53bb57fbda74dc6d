"""The first round of a game that the embedded model decides, as recorded on the wire by the real client.

It is replayed without a model, a server or a network. Record again, with the embedded model at hand and nobody else
using it (about two minutes):

    RECORD=1 uv run pytest tests/seats/test_model_recorded.py
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from roleplay.events import Moved, Spoken
from roleplay.game import Options, Run, aplay
from roleplay.models.embedded import guided_body
from roleplay.models.llama import CONTEXT, LlamaServer
from roleplay.models.openai import OpenAIModel
from tests import recording
from tests.recording import CASSETTES, MODEL, RECORD

CASSETTE = CASSETTES / "model-decides.yaml"
GAME = CASSETTE.with_suffix(".jsonl")
"""The events of the recorded round, without what differs from run to run."""
CANARY = "sk-canary-of-the-recorded-game-7f3c"
SEATS = ("us", "rok", "jpn", "prc", "rus", "dprk")


def told(run: Run) -> list[str]:
    """What the round came to, an event a line, whatever its ids are."""
    played = [e for e in run.events if e.round > 0]
    places = {e.id: f"event {n}" for n, e in enumerate(run.events)}
    known = re.compile("|".join(places))
    lines = (json.dumps(e.model_dump(mode="json", exclude_defaults=True), sort_keys=True) for e in played)
    return [known.sub(lambda m: places[m[0]], line) for line in lines]


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The server of a recording; else an address where nobody listens, and a model that cannot be started."""
    if not RECORD:
        monkeypatch.setattr(LlamaServer, "start", lambda self: pytest.fail("a replay started the model"))
    with recording.address(CASSETTE, tmp_path, CANARY, slots=len(SEATS), context=CONTEXT) as place:
        yield place


async def test_a_round_that_a_small_model_decides_is_replayed_as_it_was_played(address: str, tmp_path: Path) -> None:
    one = asyncio.Semaphore(1)

    def open_model(spec: object) -> OpenAIModel:
        return OpenAIModel(
            MODEL, address, CANARY, concurrency=one, context=CONTEXT, max_retries=0, trust_env=False,
            body=lambda request: guided_body(request, SEATS.index(request.slot)),
        )  # fmt: skip

    options = Options(out=tmp_path / "runs", open_model=open_model)
    with recording.recorder().use_cassette(str(CASSETTE)) as tape:
        run = await aplay("august-2017", options=options, decide=True, model=MODEL, rounds=1)
    if RECORD:
        GAME.write_text("".join(f"{line}\n" for line in told(run)), encoding="utf-8")
    else:
        assert tape.play_count == len(tape) == run.result.calls
    assert told(run) == GAME.read_text(encoding="utf-8").splitlines()
    assert 20 <= run.result.calls <= 60
    assert {plan.driver for plan in run.setup.plans.values()} == {"model"}
    assert {e.seat for e in run.events if isinstance(e, Spoken)} == set(SEATS)
    assert [e for e in run.events if isinstance(e, Moved) and e.round > 0]


def test_the_recording_is_small_and_holds_no_key_and_no_machine() -> None:
    assert CASSETTE.stat().st_size < 1_500_000
    assert recording.leaks(CASSETTE, CANARY) == []
