"""Somebody's own program as a seat: `python:MODULE:NAME`. Knows nothing about what that program does."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import UsageError
from . import Seat


def python_seat(argument: str) -> Seat:
    """The object MODULE:NAME of the user's, or one made from that class without arguments; raises UsageError."""
    member = found(argument)
    seat: Seat = _playing(_made(member, argument), argument) if inspect.isclass(member) else member
    return seat


def found(argument: str) -> Any:
    """The object or the class MODULE:NAME, nothing made of it.

    Raises UsageError where the module does not import, has no such name, or the object has no `decide(view)`.
    """
    module_name, colon, name = argument.partition(":")
    if not (module_name and colon and name.isidentifier()):
        raise UsageError(f"python:{argument}: write python:MODULE:NAME", hint="as in python:mybots.careful:Careful")
    member = _member(_import(module_name), module_name, name)
    return member if inspect.isclass(member) else _playing(member, argument)


def _playing(seat: Any, argument: str) -> Any:
    if not callable(getattr(seat, "decide", None)):
        name = argument.partition(":")[2]
        raise UsageError(f"python:{argument}: {name} has no method decide(view)", hint="see roleplay.seats.Seat")
    return seat


def _import(name: str) -> ModuleType:
    with _working_directory():
        try:
            return importlib.import_module(name)
        except ImportError as error:
            hint = f"modules are looked for in {Path.cwd()} and among installed packages"
            raise UsageError(f"python:{name}: does not import ({error})", hint=hint) from error
        except SyntaxError as error:
            raise UsageError(f"python:{name}: {error.filename}:{error.lineno}: {error.msg}") from error


def _member(module: ModuleType, module_name: str, name: str) -> Any:
    if not hasattr(module, name):
        public = ", ".join(n for n in vars(module) if not n.startswith("_")) or "nothing"
        raise UsageError(f"python:{module_name}:{name}: the module has no {name}; it has {public}")
    return getattr(module, name)


def _made(seat_class: type, argument: str) -> Any:
    try:
        return seat_class()
    except TypeError as error:
        hint = "make an object in the module and name that object instead"
        raise UsageError(f"python:{argument}: cannot be made without arguments ({error})", hint=hint) from error


@contextmanager
def _working_directory() -> Iterator[None]:
    """The working directory at the front of the search path, for one import."""
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        yield
    finally:
        sys.path.remove(here)
