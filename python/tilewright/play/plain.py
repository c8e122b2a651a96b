"""A story without a terminal: commands from standard input, plain text to standard output."""

from __future__ import annotations

import sys

from tilewright.play.session import Session


def play_plain(session: Session, show_batches: bool) -> None:
    """Play to the end of the game or of the input. Reports of batches go to standard error."""
    game = session.game
    session.ask = ask
    while True:
        for batch in session.run():
            print(batch.notes + batch.text, end="", flush=True)
            if show_batches:
                print(batch, file=sys.stderr, flush=True)
        if game.finished:
            break
        if game.file_request is not None:
            print(session.file_question(), end="", flush=True)
        elif (replayed := session.replayed()) is not None:
            print(replayed)
            continue
        line = sys.stdin.readline()
        if not line:
            break
        if game.file_request is not None:
            if problem := session.use_file(line):
                print(problem)
        elif answer := session.command(line):
            print(answer)
        else:
            session.typed(line.rstrip("\r\n"))
    print()


def ask(question: str) -> str | None:
    """Print a question and read the answer; None at the end of the input."""
    print(question, end="", flush=True)
    return sys.stdin.readline() or None
