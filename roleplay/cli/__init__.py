"""The command line: the outermost edge, where every error becomes one clear line and an exit code.

Data goes to standard output, everything else to standard error. Knows nothing about how games are played.
"""

from __future__ import annotations

import errno
import gc
import sys
from pathlib import Path

from ..errors import RoleplayError, UsageError

INTERRUPTED = 130
"""Exit code after Ctrl-C."""
SELDOM = (20_000, 50, 100)
"""How often Python looks for cycles: a game makes thousands of objects that stay, and it goes over them each time."""


def main() -> None:
    """Run the command line and exit with one of the documented codes."""
    gc.set_threshold(*SELDOM)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; returns its exit code."""
    from .app import app
    from .output import interrupted

    try:
        code = app(args=arguments, standalone_mode=False)
    except RoleplayError as error:
        print(f"roleplay: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(interrupted(), file=sys.stderr)
        return INTERRUPTED
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            return _unexpected(error)
        print(f"roleplay: '{str(error.filename)[:60]}...' is longer than a name of a file can be", file=sys.stderr)
        return UsageError.exit_code
    except Exception as error:  # noqa: BLE001 - the command line is one of the three edges
        return _unexpected(error)
    if code == INTERRUPTED:
        # Typer has made Ctrl-C an exit code of its own.
        print(interrupted(), file=sys.stderr)
    return code if isinstance(code, int) else 0


def _unexpected(error: Exception) -> int:
    import typer

    from ..resources import PACKAGE
    from .output import UNDER_WAY

    if isinstance(error, typer.Abort):
        return INTERRUPTED
    # By its shape, not its class: typer brings its own copy of click now, and used click itself before.
    show, code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if callable(show) and isinstance(code, int):
        show()
        return 2 if code in (1, 2) else code
    where = error.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    file = where.tb_frame.f_code.co_filename if where else "?"
    ask = "please report this" if Path(file).resolve().is_relative_to(PACKAGE) else "tell whoever wrote that"
    line = f"{file}:{where.tb_lineno}" if where else file
    print(f"roleplay: unexpected {type(error).__name__}: {error}\n  at {line}; {ask}", file=sys.stderr)
    if UNDER_WAY.command:
        print(f"what was played is kept; go on with: {UNDER_WAY.command}", file=sys.stderr)
    return 1
