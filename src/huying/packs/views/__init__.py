"""Pages of packs: the library, what differs, what is in force at a place."""
