"""The order of play as a LangGraph: a round and its phases, and one subgraph a lane, fanned out once a phase.

Only `decide` and `hear` wait or pay; only `record`, `close` and the engine's own phases write. The table in the runtime
context does the work; the state holds nothing but where the game stands, so there is no checkpointer and no message
history. Knows nothing about what seats, rules or journals are made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from .calls import REPAIRS, Answer
from .floor import EACH
from .lanes import Lane
from .moves import PHASES, Phase
from .rules.referee import Judged
from .table import Table
from .views import Attempt, SeatView


class GameState(TypedDict, total=False):
    """Where the game stands."""

    round: int
    phase: Phase
    over: bool


class LaneState(TypedDict, total=False):
    """Where one lane stands: whose turn it is, what that seat sees, what it answered, what the referee said."""

    lane: Lane
    index: int
    view: SeatView
    answer: Answer
    judged: Judged
    quiet: bool
    """Whether all have done, on an open floor."""


# --- a lane: one ring, or one seat where all move at once ------------------------------------------------------------


async def observe(state: LaneState, runtime: Runtime[Table]) -> LaneState:
    """Look: the view of the seat whose turn it is."""
    return {"view": runtime.context.observe(state["lane"], state["index"])}


async def decide(state: LaneState, runtime: Runtime[Table]) -> LaneState:
    """Ask the seat; the only step that waits or pays."""
    return {"answer": await runtime.context.decide(state["view"])}


async def hear(state: LaneState, runtime: Runtime[Table]) -> LaneState:
    """On an open floor, wait for whoever speaks next, if anybody does."""
    again = state["view"] if "judged" in state and state["judged"].problem else None
    heard = await runtime.context.hear(state["lane"], again)
    if heard is None:
        return {"quiet": True}
    lane, view, answer = heard
    return {"lane": lane, "view": view, "answer": answer}


async def check(state: LaneState, runtime: Runtime[Table]) -> LaneState:
    """Have the answer judged, on copies."""
    return {"judged": runtime.context.check(state["lane"], state["index"], state["answer"], state["view"])}


async def record(state: LaneState, runtime: Runtime[Table]) -> LaneState:
    """Write what was answered and what came of it; go to the next turn, or show the seat what was wrong."""
    judged, answer, is_open = state["judged"], state["answer"], bool(state["lane"].members)
    await runtime.context.record(answer, judged, arrived=is_open)
    if judged.problem:
        return {"view": state["view"].again(Attempt(answer.raw, judged.problem))}
    return {} if is_open else {"index": state["index"] + 1}


async def begin(state: LaneState) -> Literal["hear", "observe"]:
    """By arrival, or by turns; async, or LangGraph would run it on a thread."""
    return "hear" if state["lane"].members else "observe"


async def after_hear(state: LaneState) -> Literal["check", "__end__"]:
    """What was said is checked, until all have done."""
    return "__end__" if state.get("quiet") else "check"


async def after_record(state: LaneState) -> Literal["decide", "hear", "observe", "__end__"]:
    """The repair edge, the next turn, or the end of the lane."""
    if state["lane"].members:
        return "hear"
    if state["judged"].problem:
        return "decide"
    return "observe" if state["index"] < len(state["lane"].turns) else "__end__"


def build_lane() -> CompiledStateGraph[LaneState, Table, LaneState, LaneState]:
    """The subgraph of one lane."""
    graph = StateGraph(LaneState, context_schema=Table)
    graph.add_node("observe", observe)
    graph.add_node("decide", decide)
    graph.add_node("hear", hear)
    graph.add_node("check", check)
    graph.add_node("record", record)
    graph.add_conditional_edges(START, begin, ["hear", "observe"])
    graph.add_edge("observe", "decide")
    graph.add_conditional_edges("hear", after_hear, ["check", END])
    graph.add_edge("decide", "check")
    graph.add_edge("check", "record")
    graph.add_conditional_edges("record", after_record, ["decide", "hear", "observe", END])
    return graph.compile(name="lane", checkpointer=False)


# --- a game: rounds of phases ----------------------------------------------------------------------------------------


async def resume(state: GameState, runtime: Runtime[Table]) -> GameState:
    """Find where the journal stops; a new game stops before round 1."""
    number, phase, over = runtime.context.at_start()
    return {"round": number, "phase": phase, "over": over}


async def brief(state: GameState, runtime: Runtime[Table]) -> GameState:
    """What happens to the governments this round."""
    runtime.context.brief(state["round"])
    return {"phase": "talks"}


async def close(state: GameState, runtime: Runtime[Table]) -> GameState:
    """Close the phase whose lanes are done, and go to the next."""
    phase = state["phase"]
    await runtime.context.close(state["round"], phase)
    return {"phase": PHASES[PHASES.index(phase) + 1]}


async def settle(state: GameState, runtime: Runtime[Table]) -> GameState:
    """Settle the round."""
    over = await runtime.context.settle(state["round"])
    return {"over": over, "round": state["round"] + (not over), "phase": "brief"}


async def next_step(state: GameState, runtime: Runtime[Table]) -> str | Sequence[Send]:
    """Fan out the lanes of a phase, or go to the step that the phase is."""
    if state.get("over"):
        return END
    phase = state["phase"]
    if phase in ("brief", "settle"):
        return phase
    lanes = runtime.context.lanes(state["round"], phase)
    return [Send("lane", {"lane": lane, "index": 0}) for lane in lanes] or "close"


def build() -> CompiledStateGraph[GameState, Table, GameState, GameState]:
    """The whole game; run it with `context=Table(...)` and `config=limits(table)`."""
    graph = StateGraph(GameState, context_schema=Table)
    graph.add_node("resume", resume)
    graph.add_node("brief", brief)
    graph.add_node("lane", build_lane())
    graph.add_node("close", close)
    graph.add_node("settle", settle)
    graph.add_edge(START, "resume")
    graph.add_conditional_edges("resume", next_step, ["brief", "lane", "close", "settle", END])
    graph.add_conditional_edges("brief", next_step, ["lane", "close"])
    graph.add_edge("lane", "close")
    graph.add_conditional_edges("close", next_step, ["lane", "close", "settle"])
    graph.add_conditional_edges("settle", next_step, ["brief", END])
    return graph.compile(name="game", checkpointer=False)


def limits(table: Table) -> RunnableConfig:
    """LangGraph's configuration for a game: as many steps as it can take, and no more."""
    often = {"turns": table.scenario.exchanges, "open": EACH}
    talks = max((len(row.members) * often[row.floor] for row in table.crisis.rings.values()), default=1)
    lane = max(talks, len(table.seats)) * (1 + 3 * (REPAIRS + 1))
    return {"recursion_limit": 10 + max(table.rounds * 2 * len(PHASES), lane)}


graph = build()
"""The compiled graph, for LangGraph's own tools (langgraph.json)."""
