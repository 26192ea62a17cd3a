"""What can be asked of points."""

from huying.points.queries.appeals import appeal, due, due_now, open_reversals, reversal, term
from huying.points.queries.appeals import desk as appeals_desk
from huying.points.queries.books import (
    book,
    book_at,
    books_above,
    edition_now,
    edition_on,
    editions_of,
    kept_book,
    midnight,
    my_books,
    my_places,
    open_edition,
    published_books,
    rules_of,
    seen_book,
)
from huying.points.queries.clocks import any_appeal, any_gift, any_passbook, ending_soon, over_now

__all__ = [
    "any_appeal",
    "any_gift",
    "any_passbook",
    "appeal",
    "appeals_desk",
    "book",
    "book_at",
    "books_above",
    "due",
    "due_now",
    "edition_now",
    "edition_on",
    "editions_of",
    "ending_soon",
    "kept_book",
    "midnight",
    "my_books",
    "my_places",
    "open_edition",
    "open_reversals",
    "over_now",
    "published_books",
    "reversal",
    "rules_of",
    "seen_book",
    "term",
]
