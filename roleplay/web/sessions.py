"""The page on which a class is set up: saved set-ups, a form for a new one, and the start of a session.

For whoever leads the server; knows nothing about how a game is played.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from ..crises import Crisis, find_crises, load_scenario
from ..crises.places import files_of
from ..crises.scenarios import Scenario
from ..errors import RoleplayError
from ..resources import check_name
from ..seats.fields import Choice, Field, choices, read_all
from ..seats.profiles import profiles
from ..sessions import SessionFile, find_sessions, load_session, save_session, saved_sessions
from .requests import answers_of, back, lead, one, page, server_of

router = APIRouter(include_in_schema=False)
WHO = (
    Choice("baseline", "baselines: at once, in template wording"),
    Choice("voice", "voices: a baseline chooses, the embedded model words it"),
    Choice("model", "a model that you name"),
)


@router.get("/sessions", name="sessions")
async def sessions(request: Request, scenario: str = "", like: str = "") -> HTMLResponse:
    """Saved set-ups, and the form of a new one or of one to change."""
    answers: dict[str, list[str]] = {}
    if like in find_sessions():
        file = load_session(like)
        scenario, answers = file.scenario, _answers(file)
    return _setting_up(request, scenario, answers, like)


@router.post("/sessions", name="session")
async def session(request: Request) -> Response:
    """Save a set-up, begin a session of one, or both."""
    do, _, name = one(request, "do").partition(":")
    scenario, like = one(request, "scenario"), one(request, "like")
    answers = answers_of(request)
    try:
        if do in ("save", "begin") and not name:
            file, path = save_session(_asked(scenario, answers, like), anew=like == one(request, "f.id"))
            name = path.stem
        else:
            file = _saved(name)
        if do != "begin":
            return back(f"/sessions?like={name}")
        server_of(request).begin(file)
    except RoleplayError as error:
        return _setting_up(request, scenario, answers, like, str(error), 422)
    response = back("/g/1/control/")
    lead(response, request)
    return response


def _saved(name: str) -> SessionFile:
    """A saved set-up by its name alone."""
    return load_session(check_name(name, "set-up"))


def _setting_up(
    request: Request, scenario: str, answers: dict[str, list[str]], like: str, problem: str = "", status: int = 200
) -> HTMLResponse:
    known = [stem for folder in find_crises().values() for stem in files_of(folder, "scenarios")]
    shown = next((record.run.scenario for record in server_of(request).samples.values()), "")
    crisis, chosen = load_scenario(next(name for name in (scenario, shown, known[0]) if name in known))
    problem = problem.replace("sessions/.yaml: ", "")
    return page(
        request, "sessions.html.j2", status, scenarios=sorted(known), scenario=chosen, fields=_fields(crisis, chosen),
        answers=answers, like=like, problem=problem, busy=bool(server_of(request).games),
        saved=[(path.stem, str(f) if isinstance(f, RoleplayError) else "", f) for path, f in saved_sessions().items()],
    )  # fmt: skip


# --- the form --------------------------------------------------------------------------------------------------------


def _fields(crisis: Crisis, scenario: Scenario) -> tuple[Field, ...]:
    """What a set-up is asked by form; a file can say more."""
    seats = tuple(Choice(s, crisis.seats[s].name) for s in scenario.seats if crisis.seats[s].plays)
    stand_ins = [Choice("pass", "nobody: the turn passes"), *(Choice(f"baseline:{n}", n) for n in profiles())]
    return (
        Field("id", "Name of the set-up", "text", hint="small letters, digits, '-'"),
        Field("people", "Played by people", "many", seats),
        Field("others", "The others are played by", "one", WHO, default="baseline"),
        Field("worlds", "Worlds side by side", "number", default="1", hint="the same scenario, 1 to 12 times"),
        Field("team", "People at a seat, at most", "number", default="1"),
        Field("rounds", "Rounds", "number", default=str(min(3, scenario.rounds)), hint=f"of {scenario.rounds}"),
        Field("minutes", "Minutes for a turn", "number", default="8", hint="empty: no limit", optional=True),
        Field(
            "stand_in", "Who answers when they are over, or a seat is empty", "one", tuple(stand_ins), default="pass"
        ),
        Field("late", "Seconds for a model", "number", default="20", hint="then its policy answers", optional=True),
        Field("model", "Model", "text", further=True, hint="its name, where a model plays", optional=True),
        Field(
            "strategy", "Strategy of the protagonist", "one", choices(crisis.strategies), further=True, optional=True
        ),
        Field("title", "Title", "text", further=True, optional=True),
    )


def _asked(scenario: str, answers: dict[str, list[str]], like: str) -> dict[str, Any]:
    """The form as what a set-up's file says, with what the one that is changed says besides.

    Raises UsageError that names all fields that do not do.
    """
    crisis, chosen = load_scenario(scenario)
    read = read_all(_fields(crisis, chosen), answers)
    before = _saved(like).model_dump(mode="json", exclude_defaults=True) if like else {}
    seats = {s: d for s, d in before.pop("seats", {}).items() if d != "human"}
    seats |= dict.fromkeys(read.pop("people"), "human")
    strategy = read.pop("strategy")
    strategies = {**before.pop("strategies", {}), **({chosen.protagonist: strategy[0]} if strategy else {})}
    plain = {name: _number(values[0]) for name, values in read.items() if values}
    kept = {name: value for name, value in before.items() if name not in read}
    return {
        **kept,
        **plain,
        "scenario": chosen.id,
        "seats": seats,
        **({"strategies": strategies} if strategies else {}),
    }


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _answers(file: SessionFile) -> dict[str, list[str]]:
    """A set-up as the form shows it."""
    shown = {"id", "title", "others", "worlds", "team", "rounds", "minutes", "stand_in", "late", "model"}
    rows = file.model_dump(include=shown)
    plain = {n: [f"{v:g}" if isinstance(v, float) else str(v)] for n, v in rows.items() if v}
    return {**plain, "people": file.people, "strategy": list(file.strategies.values())[:1]}
