"""Play a seat over HTTP, as a program in any language would: python examples/http_seat.py URL TOKEN

Asks which turns wait, looks at what it may see and which moves are legal, and answers each: here, by passing. Put your
own mind where `decide` is. Uses nothing but the standard library.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from typing import Any


def call(url: str, token: str, body: dict[str, Any] | None = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def decide(turn: dict[str, Any], heard: list[dict[str, Any]]) -> dict[str, Any]:
    """Yours to write: `turn["answer_schema"]` is what the answer must look like, `heard` what the seat may know."""
    return {"deliberation": f"{len(heard)} events so far", "text": "", "moves": [{"kind": "pass"}]}


def play(url: str, token: str) -> None:
    while not call(f"{url}/api/seat", token)["over"]:
        for turn in call(f"{url}/api/turns?wait=20", token):
            answer = decide(turn, call(f"{url}/api/events?ticket={turn['ticket']}", token))
            if call(f"{url}/api/turns/{turn['ticket']}/preview", token, answer)["problem"] is None:
                call(f"{url}/api/turns/{turn['ticket']}", token, answer)


if __name__ == "__main__":
    try:
        play(*sys.argv[1:3])
    except OSError as error:
        print(f"the server is gone: {error}; was the game over?")
