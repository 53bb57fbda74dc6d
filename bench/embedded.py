"""Measures the embedded model: on voice-like calls, seconds, share of the prompt from cache, memory; then in a game.

    uv run --no-sync python -m bench.embedded [--calls 30] [--rounds 1]

Two fresh processes, one after the other, over one temporary cache: the first computes the seats' prefixes and saves
them, the second restores them. The game is `august-2017` in the model's words, some rounds of it.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import resource
import sys
import tempfile
import time
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from roleplay.game import Options, play
from roleplay.models import Message, Request
from roleplay.models.embedded import EmbeddedModel
from roleplay.models.fetch import find_gguf

SEATS = ("China", "Japan", "Russia", "Korea", "America", "Britain")
FACTS = (
    "Your government wants talks before sanctions, and says so in every room.",
    "It counts what a crisis would cost its ports, its banks and its neighbours.",
    "It will not promise what its parliament cannot keep, and asks others for the same.",
    "It listens first, answers the last speaker, and names one step that can be checked.",
)


@dataclass(frozen=True)
class Figures:
    """What one process measured."""

    opened: float
    primed: float
    seconds: float
    prompt: int
    cached: int
    completion: int
    invalid: int
    restored: int
    rss_mb: float


def schema_of(seat: str) -> type[BaseModel]:
    """Return the answer's form: a short reasoning, and a speech whose opening words are given."""
    return create_model(
        "Turn",
        __config__=ConfigDict(extra="forbid"),
        reasoning=(str, Field(min_length=10, max_length=80)),
        speech=(str, Field(pattern=f"^{seat} proposes that [A-Za-z ,.'-]{{30,160}}$")),
    )


def prefix_of(seat: str, sentences: int) -> list[Message]:
    """Return a seat's unchanging messages: half the sentences are every seat's, half its own."""
    shared = " ".join(FACTS[n % len(FACTS)] for n in range(sentences // 2))
    own = " ".join(f"{seat}: {FACTS[n % len(FACTS)]}" for n in range(sentences // 2, sentences))
    return [
        {"role": "system", "content": f"Talks about a nuclear crisis. {shared} You speak for {seat}. {own}"},
        {"role": "user", "content": "Move: propose a freeze of missile tests.\nSay it in one sentence."},
        {
            "role": "assistant",
            "content": f'{{"reasoning":"A freeze can be checked.","speech":"{seat} proposes that tests stop."}}',
        },
    ]


async def measure(calls: int, sentences: int, cache: Path) -> Figures:
    """Let six seats speak in turn, each hearing the last three speeches."""
    path = find_gguf()
    if path is None:
        sys.exit("the model is not on this machine: roleplay fetch-model")
    started = time.perf_counter()
    model = EmbeddedModel(path, cache=cache)
    opened = time.perf_counter() - started
    for seat in SEATS:
        fixed = prefix_of(seat, sentences)
        await model.complete(Request([*fixed, fixed[1]], {"type": "string"}, seat, max_tokens=1, fixed=len(fixed)))
    primed = time.perf_counter() - started - opened
    heard: deque[str] = deque(["Nothing was said yet."], maxlen=3)
    totals, invalid = [0, 0, 0], 0
    for call in range(calls):
        seat = SEATS[call % len(SEATS)]
        schema = schema_of(seat)
        said: Message = {
            "role": "user",
            "content": "Heard:\n" + "\n".join(heard) + "\nMove: propose an inspection.\nSay it in one sentence.",
        }
        fixed = prefix_of(seat, sentences)
        asked = Request([*fixed, said], schema.model_json_schema(), seat, 120, seed=call, fixed=len(fixed))
        reply = await model.complete(asked)
        totals = [
            a + b for a, b in zip(totals, (reply.usage.prompt, reply.usage.cached, reply.usage.completion), strict=True)
        ]
        try:
            turn = schema.model_validate_json(reply.text)
            heard.append(turn.model_dump()["speech"])
        except ValidationError:
            invalid += 1
    seconds = time.perf_counter() - started - opened - primed
    await model.close()
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return Figures(opened, primed, seconds, totals[0], totals[1], totals[2], invalid, model.restored, rss)


def run(calls: int, sentences: int, cache: str) -> Figures:
    """Measure in a process of its own, so that memory is not the other arm's."""
    return asyncio.run(measure(calls, sentences, Path(cache)))


def game(rounds: int) -> str:
    """Play some rounds by voices; calls wait for each other, so what is no call is the harness's."""
    with tempfile.TemporaryDirectory() as folder:
        r = play("august-2017", rounds=rounds, options=Options(out=Path(folder))).result
    cached, outside = r.tokens["cached"] / r.tokens["prompt"], 1 - r.model_seconds / r.seconds
    return (f"a game of {rounds} round: {r.calls} calls in {r.seconds:.0f} s; {cached:.1%} of prompt tokens from cache "
            f"(>= 85 %), {outside:.1%} of the time outside the model; {r.repairs} repairs\n")  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description="Measure the embedded model on voice-like calls.")
    options.add_argument("--calls", type=int, default=30)
    options.add_argument("--sentences", type=int, default=30, help="length of a seat's dossier, about 15 tokens each")
    options.add_argument("--rounds", type=int, default=1, help="rounds of the game; 0: none")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        for arm in ("computed", "restored"):
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
                f = fresh.submit(run, asked.calls, asked.sentences, cache).result()
            sys.stdout.write(
                f"prefixes {arm}: opened {f.opened:.1f} s, six prefixes {f.primed:.2f} s ({f.restored} restored); "
                f"{asked.calls} calls {f.seconds:.1f} s = {f.seconds / asked.calls:.2f} s a call; "
                f"prompt {f.prompt // asked.calls} and completion {f.completion // asked.calls} tokens a call, "
                f"cached {f.cached / f.prompt:.1%}; invalid {f.invalid}; RSS {f.rss_mb:.0f} MB\n"
            )
    if asked.rounds:
        sys.stdout.write(game(asked.rounds))


if __name__ == "__main__":
    main()
