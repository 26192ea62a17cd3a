"""The top floor: settings, addresses of pages, and the one list of what follows from what (reactions)."""
