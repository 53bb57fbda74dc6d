"""Commands that let people take part: play in this terminal, serve for browsers and programs."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ProviderError, UsageError
from .options import (
    DryRun,
    Json,
    PlayOptions,
    ScenarioName,
    config_of,
    models_of,
    options_of,
    prepared,
    with_play_options,
)
from .output import UNDER_WAY, emit, shown, tell
from .playing import have_model, say_where

if TYPE_CHECKING:
    from ..game import Options, Run
    from ..hosting import Fallbacks
    from ..web.serve import Links

app = typer.Typer()
Minutes = Annotated[
    float | None,
    typer.Option("--minutes", min=0.01, help="Minutes that a person has for a turn; else no limit."),
]
StandInFor = Annotated[
    str, typer.Option("--stand-in", metavar="pass|DRIVER", help="Who answers when they are over: pass, voice:NAME ...")
]


@app.command()
@with_play_options
def play(
    scenario: ScenarioName,
    as_seat: Annotated[str, typer.Option("--as", metavar="SEAT", help="The government that you play.")],
    asked: PlayOptions,
    dry_run: DryRun = False,
    minutes: Minutes = None,
    stand_in: StandInFor = "pass",
    as_json: Json = False,
) -> None:
    """Play one government in this terminal, against models, voices or baselines.

    Example: roleplay play august-2017 --as us
    """
    from ..game import create
    from ..hosting import Fallbacks
    from ..seats.drivers import OUTSIDE

    setup, options = prepared(scenario, replace(asked, seat=[*(asked.seat or ()), f"{as_seat}=human"]))
    others = [s for s, plan in setup.plans.items() if plan.driver in OUTSIDE and s != as_seat.lower()]
    if others:
        raise UsageError(f"{', '.join(others)}: one person sits here", hint="let several in with: roleplay serve")
    if dry_run:
        from ..estimate import estimate

        guess = estimate(setup, options)
        return emit(guess.as_dict(), as_json, guess.in_words())
    have_model(setup, asked.fetch)
    fallbacks = Fallbacks(minutes and minutes * 60, stand_in)
    return sit_down(create(setup, options), as_seat.lower(), options, fallbacks, as_json)


def sit_down(folder: Path, seat: str, options: Options, fallbacks: Fallbacks | None, as_json: bool) -> None:
    """Play a run on with a person at this terminal, tell them what came of it, and give the result."""
    UNDER_WAY.command = f"roleplay resume {shown(folder)}"
    say_where(asyncio.run(_play(folder, seat, options, fallbacks, as_json)), as_json, {})


async def _play(folder: Path, seat: str, options: Options, fallbacks: Fallbacks | None, as_json: bool) -> Run:
    from rich.console import Console

    from ..hosting import Fallbacks, Host
    from .terminal import Left, Lines, Terminal, sit

    host = Host(folder, options, fallbacks or Fallbacks())
    # With --json, standard output is for the one document at the end.
    terminal = Terminal(host, seat, Console(stderr=as_json, highlight=False), Lines())
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
@with_play_options
def serve(
    target: Annotated[str | None, typer.Argument(metavar="[SCENARIO|RUN]", help="What to play, or to look at.")] = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on; else loopback.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any that is free.")] = 8017,
    public_url: Annotated[str, typer.Option("--public-url", help="How others reach it, behind HTTPS.")] = "",
    *,
    asked: PlayOptions,
    worlds: Annotated[int, typer.Option("--worlds", min=1, max=12, help="So many games side by side.")] = 1,
    minutes: Minutes = None,
    stand_in: StandInFor = "pass",
    late: Annotated[
        float | None,
        typer.Option("--late", min=1, help="Seconds after which a model's policy answers in template wording."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Serve a game to browsers and programs, a run to look at, or nothing but the start screen.

    Example: roleplay serve august-2017 --seat us=human
    """
    from ..hosting import Fallbacks, Host
    from ..web.games import Game
    from ..web.serve import Address, give_out, listen, make_server, run

    listening, address = listen(Address(host, port, public_url))
    fallbacks = Fallbacks(minutes and minutes * 60, stand_in, late)
    with listening:
        folder, options, look = _target(target, asked)
        games = {"1": Game("1", Host(folder, options, fallbacks))} if folder else {}
        for number in range(2, worlds + 1):
            other, options, _ = _target(target, replace(asked, seed=(asked.seed or 0) + number - 1))
            if other is None or other == folder:
                raise UsageError("--worlds plays a scenario several times side by side; name a scenario")
            games[str(number)] = Game(str(number), Host(other, options, fallbacks))
        server = make_server(games, address, {look.stem: look} if look else None)
        if folder:
            UNDER_WAY.command = f"roleplay serve {shown(folder)}"
        links = give_out(server)

        asyncio.run(run(server, listening, lambda: _say_links(links, as_json, address.loopback)))


def let_in(folder: Path, options: Options) -> Run:
    """Play a run whose people and programs come in over a page on this machine, to its end."""
    from ..game import open_run
    from ..hosting import Host
    from ..web.games import Game
    from ..web.serve import Address, give_out, listen, make_server, run

    UNDER_WAY.command = f"roleplay serve {shown(folder)}"
    listening, address = listen(Address())
    game = Game("1", Host(folder, options))
    server = make_server({"1": game}, address)
    links = give_out(server)
    people = {seat: links.links[seat] for seat in sorted(game.host.people)}

    def ready() -> None:
        tell("\n".join([*(f"{seat.upper():<10} {url}" for seat, url in people.items()), f"control    {links.control}"]))

    asyncio.run(run(server, listening, ready, until_over=True))
    if game.host.trouble and not game.host.over:
        raise ProviderError(game.host.trouble, hint=f"go on with: {UNDER_WAY.command}")
    return open_run(folder)


def _target(target: str | None, asked: PlayOptions) -> tuple[Path | None, Options, Path | None]:
    """A run to go on with and how, and a finished one to look at; a scenario's name is never the start of a run's."""
    from ..game import Options, create, open_run
    from ..transcripts.finding import find_run

    if target is None:
        return None, Options(), None
    protagonist = _protagonist(target, asked.crisis)
    if protagonist:
        setup, options = prepared(target, replace(asked, seat=_somebody(asked.seat, protagonist)))
        have_model(setup, asked.fetch)
        return create(setup, options), options, None
    config = config_of(asked)
    found = find_run(target, [Path(config.out)])
    if not found.is_dir():
        return None, Options(), found
    run = open_run(found)
    options = options_of(config, models_of(run.setup))
    return (None, options, found) if run.result.ended else (found, options, None)


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
    if not loopback:
        tell("this server can be reached from other machines: give links only to those who are to use them")
    if as_json:
        sys.stdout.write(json.dumps(links.as_dict()) + "\n")
    else:
        games = [links.as_dict(), *links.worlds]
        rows = [("start", links.url)]
        for number, game in enumerate(games, 1):
            rows += [(f"world {number}", "")] if len(games) > 1 else []
            rows += [(seat.upper(), url) for seat, url in game["links"].items()]
            rows += [(name, game[name]) for name in ("control", "observer", "analyst") if game[name]]
        sys.stdout.write("".join(f"{name:<10} {url}\n" for name, url in rows) + "Ctrl-C stops it; nothing is lost.\n")
    sys.stdout.flush()


session_app = typer.Typer(help="Class sessions.\n\nExample: roleplay session delete august-2017-20261124-101500-ab12")
app.add_typer(session_app, name="session")


@session_app.command("delete")
def delete(
    run: Annotated[str, typer.Argument(help="Name of the session's run, or its folder.")], as_json: Json = False
) -> None:
    """Remove a session whole: its journal, drafts, notes, links and cookies; there is no copy elsewhere.

    Example: roleplay session delete august-2017-20261124-101500-ab12
    """
    import shutil

    from ..journal import Journal
    from ..transcripts.finding import find_run
    from .config import load_config

    folder = find_run(run, [Path(load_config().out)])
    if not folder.is_dir():
        raise UsageError(f"{run} is a file, not a session", hint="delete it yourself")
    Journal.open(folder, write=True).close()  # Nobody plays it now.
    files = sorted(str(f.resolve()) for f in folder.rglob("*") if f.is_file())
    shutil.rmtree(folder)
    emit({"removed": files}, as_json, f"removed {len(files)} files of {folder.name}")
