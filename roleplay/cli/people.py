"""Commands that let people take part: play in this terminal, serve for browsers and programs."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ProviderError, RoleplayError, UsageError
from . import options as opt
from .going import have_model, say_estimate, say_where
from .output import UNDER_WAY, in_words, shown, tell

if TYPE_CHECKING:
    from ..game import Options, Run
    from ..hosting import Host
    from ..players import Fallbacks
    from ..sessions import Session, SessionFile
    from ..web.serve import Links
    from .config import Config

app = typer.Typer()

Silence = Annotated[
    float, typer.Option("--silence", min=0, help="Seconds of it on an open floor, then a machine speaks uncalled.")
]


@app.command()
@opt.with_play_options
def play(
    scenario: opt.ScenarioName,
    as_seat: Annotated[str, typer.Option("--as", metavar="SEAT", help="The government that you play.")],
    asked: opt.PlayOptions,
    dry_run: opt.DryRun = False,
    minutes: opt.Minutes = None,
    stand_in: opt.StandInFor = "pass",
    silence: Silence = 15,
    as_json: opt.Json = False,
) -> None:
    """Play one government in this terminal, against models, voices or baselines.

    Example: roleplay play august-2017 --as us
    """
    from ..game import create
    from ..players import Fallbacks
    from ..seats.drivers import OUTSIDE

    setup, options = opt.prepared(scenario, replace(asked, seat=[*(asked.seat or ()), f"{as_seat}=human"]))
    others = [s for s, plan in setup.plans.items() if plan.driver in OUTSIDE and s != as_seat.lower()]
    if others:
        raise UsageError(f"{', '.join(others)}: one person sits here", hint="let several in with: roleplay serve")
    if dry_run:
        return say_estimate(setup, options, as_json)
    have_model(setup, asked.fetch)
    fallbacks = Fallbacks(minutes and minutes * 60, stand_in, silence=silence)
    return sit_down(create(setup, options), as_seat.lower(), options, fallbacks, as_json)


def sit_down(folder: Path, seat: str, options: Options, fallbacks: Fallbacks | None, as_json: bool) -> None:
    """Play a run on with a person at this terminal, tell them what came of it, and give the result."""
    UNDER_WAY.command = f"roleplay resume {shown(folder)}"
    say_where(asyncio.run(_play(folder, seat, options, fallbacks, as_json)), as_json, {})


async def _play(folder: Path, seat: str, options: Options, fallbacks: Fallbacks | None, as_json: bool) -> Run:
    from rich.console import Console

    from ..hosting import Host
    from ..players import Fallbacks
    from ..web.games import Game
    from .terminal import Left, Lines, Terminal, sit

    host = Host(folder, options, fallbacks or Fallbacks())
    # With --json, standard output is for the one document at the end.
    terminal = Terminal(host, seat, Console(stderr=as_json, highlight=False), Lines(), Game("1", host))
    terminal.briefing()
    game = asyncio.create_task(host.play())
    try:
        await sit(terminal, game)
    except Left:
        game.cancel()
        with suppress(asyncio.CancelledError):
            await game
        raise KeyboardInterrupt from None
    terminal.debrief()
    return game.result()


@app.command()
@opt.with_play_options
def serve(
    target: Annotated[
        str | None, typer.Argument(metavar="[SCENARIO|SESSION|RUN]", help="What to play, or to look at.")
    ] = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on; else loopback.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any that is free.")] = 8017,
    public_url: Annotated[str, typer.Option("--public-url", help="How others reach it, behind HTTPS.")] = "",
    *,
    asked: opt.PlayOptions,
    worlds: opt.Worlds = 1,
    minutes: opt.Minutes = None,
    stand_in: opt.StandInFor = "pass",
    silence: Silence = 15,
    late: opt.Late = None,
    as_json: opt.Json = False,
) -> None:
    """Serve a game to browsers and programs, a class's session, a run to look at, or nothing but the start screen.

    Example: roleplay serve august-2017 --seat us=human
    """
    from ..players import Fallbacks
    from ..web.games import Game
    from ..web.serve import Address, give_out, listen, make_server, run

    listening, address = listen(Address(host, port, public_url))
    with listening:
        found = _target(target, asked, worlds, Fallbacks(minutes and minutes * 60, stand_in, late, silence))
        games = {} if found.session else {str(n): Game(str(n), world) for n, world in enumerate(found.hosts, 1)}
        server = make_server(games, address, {path.stem: path for path in found.look})
        server.open_session = lambda file: _begun(file, asked)
        if found.session:
            server.take_in(found.session, found.hosts)
        for branch in found.branches:
            server.branch_off(branch)
        if found.hosts:
            folder = found.session.folder if found.session else found.hosts[0].folder
            UNDER_WAY.command = f"roleplay serve {shown(folder)}"
        links = give_out(server)

        asyncio.run(run(server, listening, lambda: _say_links(links, as_json, address.loopback)))


def let_in(folder: Path, options: Options) -> Run:
    """Play a run whose people and programs come in over a page on this machine, to its end."""
    from ..game import open_run
    from ..hosting import Host
    from ..web.access import seat_of
    from ..web.games import Game
    from ..web.serve import Address, give_out, listen, make_server, run

    UNDER_WAY.command = f"roleplay serve {shown(folder)}"
    listening, address = listen(Address())
    game = Game("1", Host(folder, options))
    server = make_server({"1": game}, address)
    links = give_out(server)
    people = {place: url for place, url in links.links.items() if seat_of(place) in game.host.players.people}

    def ready() -> None:
        tell("\n".join([*(f"{seat.upper():<10} {url}" for seat, url in people.items()), f"control    {links.control}"]))

    asyncio.run(run(server, listening, ready, until_over=True))
    if game.host.players.trouble and not game.host.over:
        raise ProviderError(game.host.players.trouble, hint=f"go on with: {UNDER_WAY.command}")
    return open_run(folder)


@dataclass(frozen=True)
class _Target:
    """What is served: worlds to be played, their session and branches, or finished runs to look at."""

    hosts: Sequence[Host] = ()
    session: Session | None = None
    branches: Sequence[Host] = ()
    look: Sequence[Path] = ()


def _target(target: str | None, asked: opt.PlayOptions, worlds: int, fallbacks: Fallbacks) -> _Target:
    """What is meant: a scenario, a set-up, a session, a run; a scenario's name is never the start of another's."""
    from ..crises.places import files_of, find_crises
    from ..game import create, open_run
    from ..hosting import Host
    from ..transcripts.finding import find_run

    if target is None:
        return _Target()
    protagonist = _protagonist(target, asked.crisis)
    if protagonist:
        asked, hosts = replace(asked, seat=_somebody(asked.seat, protagonist)), []
        for number in range(worlds):
            setup, options = opt.prepared(target, replace(asked, seed=(asked.seed or 0) + number))
            have_model(setup, asked.fetch)
            hosts.append(Host(create(setup, options), options, fallbacks))
        return _Target(hosts)
    if worlds > 1:
        raise UsageError("--worlds plays a scenario several times side by side; name a scenario")
    config = opt.config_of(asked)
    session = _session(target, asked, config)
    if session:
        played = _worlds(session, config)
        return _Target(played, session, _branches(played, config, session.file.fallbacks))
    try:
        found = find_run(target, [Path(config.out)])
    except UsageError as error:
        names = sorted(name for folder in find_crises().values() for name in files_of(folder, "scenarios"))
        raise UsageError(error.message, hint=f"{error.hint}; scenarios are {', '.join(names)}") from None
    if not found.is_dir():
        return _Target(look=[found])
    host = Host(found, opt.options_of(config, open_run(found).setup.models), fallbacks)
    branches = _branches([host], config, fallbacks)
    if host.over and all(branch.over for branch in branches):
        return _Target(look=[host.folder, *(branch.folder for branch in branches)])
    return _Target([host], branches=branches)


def _branches(hosts: Sequence[Host], config: Config, fallbacks: Fallbacks) -> list[Host]:
    """What was branched off these games; what is not over waits for control, since it may call models."""
    from ..game import open_run
    from ..hosting import Host
    from ..transcripts.finding import with_branches

    found: list[Host] = []
    for run in with_branches([host.folder for host in hosts])[len(hosts) :]:
        try:
            found.append(Host(run, opt.options_of(config, open_run(run).setup.models), fallbacks))
        except RoleplayError as error:
            tell(f"{run.name}, a branch, is not served: {error}")
            continue
        if not found[-1].over:
            found[-1].pause(True)
    return found


def _session(name: str, asked: opt.PlayOptions, config: Config) -> Session | None:
    """The session of this name that is under way, or a new one of the set-up of this name."""
    from ..sessions import begin, find_session, find_sessions, load_session

    if name not in find_sessions() and not name.endswith((".yaml", ".yml", ".json")):
        return find_session(name, Path(config.out))
    if opt.wanted(asked) != opt.wanted(opt.PlayOptions()):
        raise UsageError(f"{name} says itself how it is played", hint="change its file, or write another set-up")
    file = load_session(name)
    have_model(file.setup(), asked.fetch)
    return begin(file, config.out)


def _begun(file: SessionFile, asked: opt.PlayOptions) -> tuple[Session, Sequence[Host]]:
    """A session of a set-up, begun by a page."""
    from ..sessions import begin

    session = begin(file, opt.config_of(asked).out)
    UNDER_WAY.command = f"roleplay serve {shown(session.folder)}"
    return session, _worlds(session, opt.config_of(asked))


def _worlds(session: Session, config: Config) -> Sequence[Host]:
    from ..game import open_run

    return session.hosts(opt.options_of(config, open_run(session.runs[0]).setup.models))


def _protagonist(name: str, crisis: Path | None) -> str:
    """The protagonist of the scenario of this name; '' where there is none, but the name of a run or a path."""
    from ..crises import load_scenario

    try:
        return load_scenario(name, str(crisis) if crisis else None)[1].protagonist
    except UsageError:
        if crisis:
            raise
        return ""


def _somebody(asked: list[str] | None, protagonist: str) -> list[str]:
    """The seats as asked for; where none is for a person or a program, the protagonist is for a person."""
    from ..seats.drivers import OUTSIDE

    someone = any(row.partition("=")[2] in OUTSIDE for row in asked or ())
    return [*(asked or ()), *([] if someone else [f"{protagonist}=human"])]


def _say_links(links: Links, as_json: bool, loopback: bool) -> None:
    from ..web.lobby import shown_code

    if not loopback:
        tell("this server can be reached from other machines: give links only to those who are to use them")
    if as_json:
        sys.stdout.write(json.dumps(vars(links)) + "\n")
    else:
        sys.stdout.write(in_words("links", [vars(links), *links.worlds], shown_code(links.code)))
    sys.stdout.flush()
