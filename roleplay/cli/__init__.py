"""The command line: the outermost edge, where every error becomes one clear line and an exit code.

Data goes to standard output, everything else to standard error. Knows nothing about how games are played.
"""

from __future__ import annotations

import sys

from ..errors import RoleplayError

INTERRUPTED = 130


def main() -> None:
    """Run the command line and exit with one of the documented codes."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; returns its exit code."""
    from .app import app, interrupted

    try:
        app(args=arguments, standalone_mode=False)
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
    except Exception as error:  # noqa: BLE001 - the command line is one of the three edges
        return _unexpected(error)
    return 0


def _unexpected(error: Exception) -> int:
    from click.exceptions import Abort, ClickException

    if isinstance(error, ClickException):
        error.show()
        return 2 if error.exit_code in (1, 2) else error.exit_code
    if isinstance(error, Abort):
        return INTERRUPTED
    where = error.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    line = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else "?"
    print(f"roleplay: unexpected {type(error).__name__}: {error}\n  at {line}; please report this", file=sys.stderr)
    return 1
