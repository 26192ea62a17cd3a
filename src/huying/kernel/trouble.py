"""The one error of set-up and start that is meant for the person at the terminal."""

from __future__ import annotations


class Trouble(Exception):
    """Something the person can mend; its text is one sentence that says what is wrong and what to do. Exit code 1."""
