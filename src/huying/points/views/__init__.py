"""Pages of points: public books, passbooks, counters, desks."""
