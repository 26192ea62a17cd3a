"""What can be done with people. Other rooms come in here."""

from huying.people.actions.notices import mark_read, send_notice

__all__ = ["mark_read", "send_notice"]
