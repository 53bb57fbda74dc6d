"""The embedded model as recorded on the wire by the real client; replayed with no model and no server.

Record again: RECORD=1 uv run pytest tests/models/test_recorded.py
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from roleplay.models import Request
from roleplay.models.embedded import guided_body
from roleplay.models.openai import OpenAIModel
from tests import recording
from tests.recording import CASSETTES, MODEL, RECORD

Ask = Callable[..., Request]
CASSETTE = CASSETTES / "embedded.yaml"
CANARY = "sk-canary-of-the-recording-91b2"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with recording.address(CASSETTE, tmp_path, CANARY, slots=6, context=4096) as place:
        yield place


async def test_a_recorded_voice_is_replayed_through_the_real_client(ask: Ask, address: str) -> None:
    model = OpenAIModel(
        MODEL, address, CANARY, max_retries=0, trust_env=False, body=lambda request: guided_body(request, 0)
    )
    with recording.recorder().use_cassette(str(CASSETTE)) as tape:
        replies = [await model.complete(ask(seed=seed)) for seed in (1, 2, 3)]
    await model.close()
    assert len(tape) == 3
    assert RECORD or tape.all_played
    assert all(json.loads(reply.text)["speech"].startswith("China proposes that ") for reply in replies)
    assert replies[0].usage.cached == 0
    assert replies[1].usage.cached > 0.85 * replies[1].usage.prompt


def test_the_recording_holds_no_key_and_no_machine() -> None:
    assert recording.leaks(CASSETTE, CANARY) == []
