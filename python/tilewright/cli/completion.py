"""`tilewright completion`: what a shell needs to complete commands and options.

The package installs a file for bash and one for zsh that ask this command when they are first
needed (cmake/Install.cmake), so that they never lag behind; `--install` does it for one user.
"""

from __future__ import annotations

import argparse
import os
from functools import partial
from pathlib import Path

from tilewright.cli.commands import Subcommands, add_command
from tilewright.cli.parser import CommandParser
from tilewright.errors import FileError, UnsupportedError

#: Those that some version of shtab writes for.
SHELLS = ("bash", "zsh", "tcsh", "fish", "powershell")

#: Where a user's shell looks, below $XDG_DATA_HOME.
PLACES = {
    "bash": Path("bash-completion/completions/tilewright"),
    "zsh": Path("zsh/site-functions/_tilewright"),
}


def add_to(commands: Subcommands, whole: CommandParser) -> None:
    """`whole` is the parser that is completed."""
    parser = add_command(
        commands,
        "completion",
        partial(completion, whole),
        "Print the completion of commands and options for a shell, or install it for you.",
        "tilewright completion bash --install",
    )
    parser.add_argument("shell", choices=SHELLS, help="which shell")
    parser.add_argument(
        "--install",
        action="store_true",
        help="write a file that your shell finds (below $XDG_DATA_HOME, usually ~/.local/share)",
    )


def completion(whole: CommandParser, options: argparse.Namespace) -> int:
    if options.install:
        path = install(options.shell)
        if not options.quiet:
            print(f"{path}: shells that you open from now on complete tilewright")
        return 0
    import shtab

    if options.shell not in shtab.SUPPORTED_SHELLS:
        raise UnsupportedError(
            f"{options.shell}: the installed version of shtab does not write for it"
        )
    print(shtab.complete(whole, shell=options.shell))
    return 0


def install(shell: str) -> Path:
    """Put the file in its place, which is told. UnsupportedError for a shell without one."""
    if shell not in PLACES:
        raise UnsupportedError(
            f"--install: there is no place for {shell}; expected {' or '.join(PLACES)}"
        )
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    path = Path(home) / PLACES[shell]
    loader = Path(__file__).parent / "shells" / path.name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(loader.read_text())
    except OSError as error:
        raise FileError(f"{error.filename or path}: {error.strerror}") from error
    return path
