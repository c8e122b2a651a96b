"""A story on a terminal: a line editor with history, and the status line and monitor under it.

The story is printed as plain lines, so scrolling back is the terminal's own. What stands under the
prompt goes away when the player has typed.
"""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
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
from tilewright.play.style import Styler

_ENDLESS = 4096  #: characters of a line that is no prompt any more

#: Keys that a story knows, as ZSCII (Standard, 3.8).
ZSCII_OF_KEYS = {
    Keys.Enter: 13,
    Keys.Escape: 27,
    Keys.Backspace: 8,
    Keys.Up: 129,
    Keys.Down: 130,
    Keys.Left: 131,
    Keys.Right: 132,
    Keys.Delete: 8,
    **{getattr(Keys, f"F{number}"): 132 + number for number in range(1, 13)},
}


class _TimeIsUp(NamedTuple):
    """The answer of a prompt that was not answered in time: what was typed so far."""

    typed: str


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
        self._styler = Styler()
        self._live: Live | None = None
        self._lines: PromptSession[str | _TimeIsUp] = PromptSession(
            auto_suggest=AutoSuggestFromHistory(), key_bindings=line_keys(), **ends
        )
        self._keys: PromptSession[str | int | _TimeIsUp] = PromptSession(
            key_bindings=single_keys(), **ends
        )
        self._files: PromptSession[str] = PromptSession(key_bindings=line_keys(), **ends)
        session.ask = self._ask

    def play(self) -> None:
        """Play to the end of the game, or of the input (Ctrl-D)."""
        game = self._session.game
        question = typed = ""
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
                elif (line := self._session.replayed()) is not None:
                    self._console.print(prompt + line, markup=False)
                elif game.waiting_for_key:
                    key = self._wait(self._keys, prompt, "")
                    if isinstance(key, _TimeIsUp):
                        question = prompt
                    else:
                        self._session.pressed(key)
                else:
                    answer = self._wait(self._lines, prompt, typed)
                    typed = answer.typed if isinstance(answer, _TimeIsUp) else ""
                    if isinstance(answer, _TimeIsUp) or self._told(answer):
                        # The game's question stands.
                        question = prompt
        except EOFError:
            self._console.print()

    def _told(self, line: str) -> bool:
        """Take a line: whether it was for us, not for the game."""
        if answer := self._session.command(line):
            self._console.print(answer, markup=False, soft_wrap=True)
            self._status.recall()
            return True
        self._session.typed(line)
        return False

    def _wait(self, prompts: PromptSession[Any], prompt: str, typed: str) -> Any:
        """What the player answers; the game is told if its time is up before."""
        seconds = self._session.game.timer
        prompts.app.erase_when_done = False

        async def end() -> None:
            await asyncio.sleep(seconds or 0)
            # It is drawn anew, below what the game prints meanwhile.
            prompts.app.erase_when_done = True
            prompts.app.exit(result=_TimeIsUp(prompts.app.current_buffer.text))

        def begin() -> None:
            prompts.app.create_background_task(end())

        pre_run = begin if seconds is not None else None
        answer = prompts.prompt(prompt, default=typed, bottom_toolbar=self._under, pre_run=pre_run)
        if isinstance(answer, _TimeIsUp):
            self._session.waited(seconds or 0)
        return answer

    def _ask(self, question: str) -> str:
        """The answer to a question that comes while the game plays."""
        if self._live is not None:
            self._live.stop()
        answer = self._files.prompt(question)
        if self._live is not None:
            self._live.start()
        return answer

    def _run(self, prompt: str) -> str:
        """Play on behind `prompt`; gives the last line of the text, which is the next prompt."""
        if self._monitor is None:
            return self._print_batches(prompt)
        with Live(self._monitor.table(), console=self._console, transient=True) as self._live:
            prompt = self._print_batches(prompt)
        self._live = None
        return prompt

    def _print_batches(self, prompt: str) -> str:
        line = Text(prompt)
        for batch in self._session.run():
            self._status.follow(batch.events)
            if self._monitor is not None and self._live is not None:
                self._monitor.look()
                self._live.update(self._monitor.table(), refresh=True)
            if batch.notes:
                self._console.print(Text(batch.notes.rstrip("\n")))
            line.append_text(self._styler.style(batch.text, batch.events))
            line = self._print_lines(line)
            if self._show_batches:
                self._console.print(Text(str(batch), style="dim"))
        if self._session.game.finished and line:
            self._console.print(line)
        return line.plain

    def _print_lines(self, text: Text) -> Text:
        """Print all but the last line, which is a prompt; but of one that does not end, all that
        fills lines of the screen."""
        cut = text.plain.rfind("\n")
        if cut >= 0:
            self._console.print(text[:cut])
            text = text[cut + 1 :]
        if (whole := len(text) // self._console.width * self._console.width) > _ENDLESS:
            self._console.print(text[:whole])
            text = text[whole:]
        return text

    def _under(self) -> ANSI:
        """Status line and monitor, with the terminal's codes.

        As wide as the terminal is, as the prompt is; COLUMNS in the environment is what it was.
        """
        width = get_app().output.get_size().columns
        parts: list[Any] = []
        parts += self._status.lines(width)
        if self._monitor is not None:
            parts.append(self._monitor.table())
        drawing = Console(
            force_terminal=True, width=width, highlight=False, color_system="standard"
        )
        with drawing.capture() as capture:
            for part in parts:
                drawing.print(part)
        return ANSI(capture.get().rstrip("\n"))


def line_keys() -> KeyBindings:
    """Ctrl-C clears what was typed; where nothing was, it stops the game."""
    bindings = KeyBindings()

    @bindings.add(Keys.ControlC)
    def _(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt)

    return bindings


def single_keys() -> KeyBindings:
    """Every key that stories know ends the prompt and is its answer; Ctrl-C and Ctrl-D still stop
    the game."""
    bindings = KeyBindings()

    @bindings.add(Keys.Any)
    def _(event: KeyPressEvent) -> None:
        if len(event.data) == 1:
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
