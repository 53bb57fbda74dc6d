"""The embedded model as recorded on the wire by the real client; replayed with no model and no server.

Record again: RECORD=1 uv run pytest tests/models/test_recorded.py
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import vcr  # type: ignore[import-untyped]
from pydantic import SecretStr

from roleplay.models import Request
from roleplay.models.embedded import guided_body
from roleplay.models.fetch import find_gguf
from roleplay.models.llama import LlamaServer
from roleplay.models.openai import OpenAIModel

Ask = Callable[..., Request]
CASSETTE = Path(__file__).parents[1] / "cassettes" / "embedded.yaml"
CANARY = "sk-canary-of-the-recording-91b2"
RECORD = bool(os.environ.get("RECORD"))
HEADERS = {"content-type", "accept"}


def _only_named_headers(message: Any) -> Any:
    """Recordings hold the headers named above and no others: no key, no cookie, no machine."""
    if isinstance(message, dict):
        message["headers"] = {k: v for k, v in message["headers"].items() if k.lower() in HEADERS}
    else:
        message.headers = {k: v for k, v in message.headers.items() if k.lower() in HEADERS}
    return message


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The recording's server while recording; otherwise an address where nobody listens."""
    if not RECORD:
        yield "http://127.0.0.1:9/v1"
        return
    CASSETTE.unlink(missing_ok=True)
    path = find_gguf()
    assert path is not None
    server = LlamaServer(path, "smollm2-135m", 6, 4096, 2, tmp_path, SecretStr(CANARY))
    server.start()
    yield f"{server.url}/v1"
    server.stop()


async def test_a_recorded_voice_is_replayed_through_the_real_client(ask: Ask, address: str) -> None:
    recorder = vcr.VCR(
        record_mode="once" if RECORD else "none",
        match_on=["method", "path", "raw_body"],
        before_record_request=_only_named_headers,
        before_record_response=_only_named_headers,
    )
    model = OpenAIModel(
        "smollm2-135m", address, CANARY, max_retries=0, trust_env=False, body=lambda request: guided_body(request, 0)
    )
    with recorder.use_cassette(str(CASSETTE)) as tape:
        replies = [await model.complete(ask(seed=seed)) for seed in (1, 2, 3)]
    await model.close()
    assert len(tape) == 3
    assert RECORD or tape.all_played
    assert all(json.loads(reply.text)["speech"].startswith("China proposes that ") for reply in replies)
    assert replies[0].usage.cached == 0
    assert replies[1].usage.cached > 0.85 * replies[1].usage.prompt


def test_the_recording_holds_no_key_and_no_machine() -> None:
    tape = CASSETTE.read_text(encoding="utf-8").lower()
    assert CANARY not in tape
    assert not [word for word in ("authorization", "cookie", "user-agent", "x-stainless", ".gguf") if word in tape]
