"""The one error that leaves this package, and how messages of PostgreSQL's programs are shortened for it."""

import re

# PostgreSQL's programs write "initdb: error: …", the server "… [pid] FATAL:  …".
_ERROR_LINE = re.compile(r"\b(?:error|FATAL|PANIC):\s+(?P<message>.*)")


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL cannot do what was asked; the message is one line that says what to do."""

    def __init__(self, message: str) -> None:
        # Whatever was quoted into the message, a log and a terminal show it as one line.
        super().__init__(" ".join(message.split()))


def first_error(output: str) -> str:
    """The first error that a PostgreSQL program reported in its output, or its last line, or "no message"."""
    found = _ERROR_LINE.search(output)
    if found:
        return found["message"].strip()
    lines = output.split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "no message")
