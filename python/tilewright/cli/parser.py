"""The parser of the command line: one line for a mistake, with what may have been meant."""

from __future__ import annotations

import argparse
import re
import sys
from typing import NoReturn

from tilewright.suggest import did_you_mean


class CommandParser(argparse.ArgumentParser):
    """Of `tilewright` and of each of its commands."""

    def error(self, message: str) -> NoReturn:
        """Ends with exit code 2 and a line that says what is wrong and where help is."""
        found = re.match(r"argument .*?: invalid choice: '(.*?)' \(choose from (.*)\)$", message)
        if found and self.commands():
            self.no_command(found[1])
        if found:
            hint = did_you_mean(found[1], re.findall(r"[\w-]+", found[2]))
            message = message.replace(" (choose", f"{hint} (choose", 1)
        command = " ".join(self.prog.split()[1:])
        help_of_it = f"tilewright help {command}".strip()
        print(f"{self.prog}: {message} (see '{help_of_it}')", file=sys.stderr)
        raise SystemExit(2)

    def no_command(self, name: str) -> NoReturn:
        """The error of a command that is not there."""
        self.error(f"there is no command {name!r}{did_you_mean(name, self.commands())}")

    def refuse(self, word: str) -> NoReturn:
        """The error of an argument that nothing expects."""
        name = word.partition("=")[0]
        if not name.startswith("-"):
            self.error(f"no argument {word!r} is expected here")
        options = [option for action in self._actions for option in action.option_strings]
        self.error(f"there is no option {name!r}{did_you_mean(name, options)}")

    def commands(self) -> dict[str, CommandParser]:
        """The commands below this one, by name."""
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                return dict(action.choices)
        return {}
