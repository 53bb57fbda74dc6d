"""The embedded model as it really runs: one load a test, so that nothing is shared between event loops."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from roleplay.errors import CallFailed, ProviderError, RunBusy, UsageError
from roleplay.models import Request
from roleplay.models.embedded import EmbeddedModel
from roleplay.models.fetch import find_gguf
from roleplay.models.registry import open_model

Ask = Callable[..., Request]


def open_small(cache: Path, context: int = 1024) -> EmbeddedModel:
    path = find_gguf()
    assert path is not None
    return EmbeddedModel(path, name="smollm2-135m", cache=cache, context=context)


async def test_it_answers_in_the_form_asked_for_and_reads_a_prefix_once_a_machine(tmp_path: Path, ask: Ask) -> None:
    model = open_small(tmp_path)
    first = await model.complete(ask())
    again = await model.complete(ask("Propose an inspection."))
    await model.close()
    assert set(json.loads(first.text)) == {"reasoning", "speech"}
    assert json.loads(first.text)["speech"].startswith("China proposes that ")
    assert first.usage.cached == 0
    assert again.usage.cached > 0.85 * again.usage.prompt
    assert (model.built, model.restored) == (1, 0)

    model = open_small(tmp_path)
    later = await model.complete(ask("Propose talks."))
    await model.close()
    assert later.usage.cached > 0.85 * later.usage.prompt
    assert (model.built, model.restored) == (0, 1)


async def test_a_damaged_saved_prefix_is_computed_again(tmp_path: Path, ask: Ask) -> None:
    model = open_small(tmp_path)
    await model.complete(ask())
    await model.close()
    (saved,) = (tmp_path / "prefixes").glob("*.slot")
    saved.write_bytes(saved.read_bytes()[:-1])

    model = open_small(tmp_path)
    reply = await model.complete(ask())
    await model.close()
    assert json.loads(reply.text)
    assert (model.built, model.restored) == (1, 0)


async def test_games_side_by_side_in_one_process_share_it(
    tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = find_gguf()
    assert path is not None
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first, second = open_model(str(path)), open_model(str(path))
    replies = await asyncio.gather(first.complete(ask()), second.complete(ask("Propose talks.")))
    assert all(json.loads(reply.text) for reply in replies)
    await first.close()
    assert json.loads((await second.complete(ask("Propose an inspection."))).text)
    with pytest.raises(RunBusy):
        EmbeddedModel(path)
    await second.close()
    await EmbeddedModel(path).close()


async def test_one_process_has_it_at_a_time(tmp_path: Path) -> None:
    model = open_small(tmp_path)
    with pytest.raises(RunBusy, match="in use by another run") as caught:
        open_small(tmp_path)
    assert caught.value.exit_code == 75
    await model.close()
    await open_small(tmp_path).close()


async def test_a_prompt_that_does_not_fit_is_a_failed_call_and_the_next_one_works(tmp_path: Path, ask: Ask) -> None:
    model = open_small(tmp_path)
    with pytest.raises(CallFailed, match="the context is full"):
        await model.complete(ask("word " * 2000))
    assert (await model.complete(ask())).finish == "stop"
    await model.close()


async def test_closing_lets_the_call_in_flight_end_and_refuses_later_ones(tmp_path: Path, ask: Ask) -> None:
    model = open_small(tmp_path)
    calls = [asyncio.create_task(model.complete(ask(seat=seat))) for seat in ("prc", "us")]
    await asyncio.sleep(0.05)  # Into the call, which nothing shows; closing waits for it wherever it is.
    calls[1].cancel()
    await model.close()
    assert json.loads((await calls[0]).text)
    with pytest.raises(ProviderError, match="was closed"):
        await model.complete(ask())
    await model.close()


async def test_closing_after_a_call_was_given_up_neither_hangs_nor_crashes(tmp_path: Path, ask: Ask) -> None:
    model = open_small(tmp_path, context=4096)
    call = asyncio.create_task(model.complete(ask("word " * 3000)))
    await asyncio.sleep(0.5)  # Into the prompt, likewise.
    call.cancel()
    await asyncio.wait_for(model.close(), 120)
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_its_server_answers_only_who_has_the_key(tmp_path: Path) -> None:
    model = open_small(tmp_path)
    async with httpx2.AsyncClient(trust_env=False) as stranger:
        answer = await stranger.post(f"{model.address}/v1/chat/completions", json={"messages": []})
    await model.close()
    assert answer.status_code == 401


async def test_seats_keep_their_slots_and_share_them_when_there_are_more(tmp_path: Path) -> None:
    model = open_small(tmp_path)
    seats = [f"seat-{n}" for n in range(9)]
    slots = [model.slot(seat) for seat in seats]
    await model.close()
    assert slots[:6] == [0, 1, 2, 3, 4, 5]
    assert slots == [model.slot(seat) for seat in seats]
    assert set(slots[6:]) <= set(range(6))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no such file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
        (b"PK\x03\x04 a wheel", "not a GGUF file"),
        (b"GGUF\x03\x00\x00\x00 cut short", "does not load"),
    ],
)
def test_a_file_that_is_no_model_is_named_as_what_it_is(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "some.gguf"
    if content is not None:
        path.write_bytes(content)
    for _ in range(2):  # The second time shows that the lock was given back.
        with pytest.raises(UsageError, match=says):
            EmbeddedModel(path, cache=tmp_path)
