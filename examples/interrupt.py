"""A human turn as an interrupt, for those who embed the game in a LangGraph application of their own.

The outer graph plays until the person is asked, stops there with LangGraph's interrupt, and goes on with what the
application resumes it with. Our journal holds every turn that was taken, so nothing is lost or played twice; our own
graph writes no checkpoint, whatever the outer one does. Run: python examples/interrupt.py
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any, Literal, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from roleplay import Options, SeatView, Turn
from roleplay.game import create, open_run, play_on
from roleplay.setup import Settings, resolve


class Missing(Exception):
    """The person has not answered this turn yet."""


class Person:
    """A seat that has one answer; what it was not given, somebody must be asked for."""

    def __init__(self, answer: dict[str, Any] | None) -> None:
        self.answer = answer

    def decide(self, view: SeatView) -> Turn:
        answer, self.answer = self.answer, None
        if answer is None:
            raise Missing({"seat": view.seat, "moment": list(view.moment), "heard": [e.kind for e in view.heard]})
        return Turn.model_validate(answer)


class Outer(TypedDict, total=False):
    """State of the application's graph: plain data, fit for any checkpointer."""

    folder: str
    question: dict[str, Any] | None
    answer: dict[str, Any] | None


async def game(state: Outer) -> Outer:
    """Play on until the person is asked, or to the end."""
    options = Options(seats={"us": Person(state.get("answer"))})
    try:
        await play_on(Path(state["folder"]), options)
    except Missing as missing:
        return {"question": missing.args[0], "answer": None}
    return {"question": None}


async def ask(state: Outer) -> Outer:
    """Stop until the application brings the person's turn."""
    return {"answer": interrupt(state["question"])}


def asked(state: Outer) -> Literal["ask", "__end__"]:
    return "ask" if state.get("question") else "__end__"


async def main() -> int:
    """Play one round; the person passes whenever the graph stops. Returns how often it stopped."""
    seats = dict.fromkeys(("rok", "jpn", "prc", "rus", "dprk"), "baseline:steady")
    setup = resolve(Settings(scenario="august-2017", seats={**seats, "us": "human"}, rounds=1))
    outer = StateGraph(Outer)
    outer.add_node("game", game)
    outer.add_node("ask", ask)
    outer.add_edge(START, "game")
    outer.add_conditional_edges("game", asked, ["ask", END])
    outer.add_edge("ask", "game")
    app = outer.compile(checkpointer=InMemorySaver())
    thread: RunnableConfig = {"configurable": {"thread_id": "1"}}
    with tempfile.TemporaryDirectory() as out:
        folder = create(setup, Options(out=Path(out)))
        state = await app.ainvoke({"folder": str(folder)}, thread)
        stops = 0
        while "__interrupt__" in state:
            stops += 1
            state = await app.ainvoke(Command(resume={"moves": [{"kind": "pass"}]}), thread)
        result = open_run(folder).result
        print(f"stopped {stops} times for the person; {result.turns} turns; {result.reason}")
        return stops


if __name__ == "__main__":
    asyncio.run(main())
