"""A story on a terminal: a line editor with history, and the status line and monitor under it.

The story is printed as plain lines, so scrolling back is the terminal's own. What stands under the
prompt goes away when the player has typed.
"""

from __future__ import annotations

from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import Output
from prompt_toolkit.styles import Style
from rich.console import Console
from rich.live import Live
from rich.text import Text

from tilewright.play.monitor import Monitor
from tilewright.play.session import Session
from tilewright.play.status import StatusLine

#: Keys that a story knows, as ZSCII (Standard, 3.8).
ZSCII_OF_KEYS = {
    Keys.Enter: 13,
    Keys.Escape: 27,
    Keys.Backspace: 8,
    Keys.Up: 129,
    Keys.Down: 130,
    Keys.Left: 131,
    Keys.Right: 132,
}


class Screen:
    """A session and the terminal it is played on; tests give their own `source` and `target`."""

    def __init__(
        self,
        session: Session,
        show_batches: bool,
        show_monitor: bool,
        console: Console,
        source: Input | None = None,
        target: Output | None = None,
    ) -> None:
        self._session = session
        self._show_batches = show_batches
        self._console = console
        self._status = StatusLine(session.game)
        self._monitor = Monitor(session.game) if show_monitor else None
        style = Style.from_dict({"bottom-toolbar": "noreverse"})
        ends: dict[str, Any] = {"input": source, "output": target, "style": style}
        self._lines: PromptSession[str] = PromptSession(
            auto_suggest=AutoSuggestFromHistory(), **ends
        )
        self._keys: PromptSession[str | int] = PromptSession(key_bindings=single_keys(), **ends)
        self._files: PromptSession[str] = PromptSession(**ends)

    def play(self) -> None:
        """Play to the end of the game, or of the input (Ctrl-D)."""
        game = self._session.game
        question = ""
        try:
            while True:
                prompt = self._run(question)
                question = ""
                if game.finished:
                    break
                if game.file_request is not None:
                    problem = self._session.use_file(
                        self._files.prompt(prompt + self._session.file_question())
                    )
                    if problem:
                        self._console.print(problem, markup=False, soft_wrap=True)
                elif game.waiting_for_key:
                    key = self._keys.prompt(prompt, bottom_toolbar=self._under)
                    self._session.pressed(key)
                else:
                    line = self._lines.prompt(prompt, bottom_toolbar=self._under)
                    if answer := self._session.command(line):
                        self._console.print(answer, markup=False, soft_wrap=True)
                        self._status.recall()
                        # The game has nothing to say; its question stands.
                        question = prompt
                    else:
                        self._session.typed(line)
        except EOFError:
            self._console.print()

    def _run(self, prompt: str) -> str:
        """Play on behind `prompt`; gives the last line of the text, which is the next prompt."""
        monitor = self._monitor
        if monitor is None:
            return self._print_batches(prompt, None)
        with Live(monitor.table(), console=self._console, transient=True) as live:
            return self._print_batches(prompt, live)

    def _print_batches(self, prompt: str, live: Live | None) -> str:
        for batch in self._session.run():
            self._status.follow(batch.events)
            if self._monitor is not None and live is not None:
                self._monitor.look()
                live.update(self._monitor.table(), refresh=True)
            text, _, prompt = (prompt + batch.text).rpartition("\n")
            if text or batch.text.startswith("\n"):
                self._console.print(Text(text))
            if self._show_batches:
                self._console.print(Text(str(batch), style="dim"))
        if self._session.game.finished and prompt:
            self._console.print(Text(prompt))
        return prompt

    def _under(self) -> ANSI:
        """Status line and monitor, with the terminal's codes."""
        parts: list[Any] = []
        parts += self._status.lines(self._console.width)
        if self._monitor is not None:
            parts.append(self._monitor.table())
        drawing = Console(
            force_terminal=True, width=self._console.width, highlight=False, color_system="standard"
        )
        with drawing.capture() as capture:
            for part in parts:
                drawing.print(part)
        return ANSI(capture.get().rstrip("\n"))


def single_keys() -> KeyBindings:
    """Every key ends the prompt and is its answer; Ctrl-C and Ctrl-D still stop the game."""
    bindings = KeyBindings()

    @bindings.add(Keys.Any)
    def _(event: KeyPressEvent) -> None:
        event.app.exit(result=event.data)

    for key, code in ZSCII_OF_KEYS.items():

        @bindings.add(key)
        def _(event: KeyPressEvent, code: int = code) -> None:
            event.app.exit(result=code)

    @bindings.add(Keys.ControlC)
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=KeyboardInterrupt)

    @bindings.add(Keys.ControlD)
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=EOFError)

    return bindings
