"""Pages about people: the door, one's own affairs, persons and roles for staff."""
