"""What can be asked about people."""

from huying.people.queries.actors import acting_for, actor_for, holders_over, roles_now
from huying.people.queries.notices import my_notices, unread_notices

__all__ = ["acting_for", "actor_for", "holders_over", "my_notices", "roles_now", "unread_notices"]
