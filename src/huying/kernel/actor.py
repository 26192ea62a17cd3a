"""Who acts: the person, on whose behalf, through which door, from where and why."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Actor:
    """One acting party for the length of one request or job.

    ``roles`` are (role kind, place path) pairs that hold now; a role reaches every place whose path begins with its own.
    ``on_behalf_of_id`` is the person served when a grid worker or the hotline acts for somebody (marked everywhere).
    """

    person_id: int | None
    on_behalf_of_id: int | None = None
    channel: str = "web"
    address: str = ""
    reason: str = ""
    name: str = ""
    roles: tuple[tuple[str, str], ...] = ()

    @classmethod
    def system(cls, name: str) -> Actor:
        """The platform itself, in a job or a command; ``name`` says which."""
        return cls(person_id=None, channel="system", name=name)

    @property
    def is_system(self) -> bool:
        return self.channel == "system"

    @property
    def is_anonymous(self) -> bool:
        return self.person_id is None and not self.is_system

    @property
    def rights(self) -> tuple[object, ...]:
        """All that a rule may hang on: who it is, for whom, and which roles he holds where."""
        return (self.channel == "system", self.person_id, self.on_behalf_of_id, self.roles)

    def behalf(self, person_id: int, reason: str = "") -> Actor:
        """The same actor, acting for another person."""
        return replace(self, on_behalf_of_id=person_id, reason=reason or self.reason)


ANONYMOUS = Actor(person_id=None)
