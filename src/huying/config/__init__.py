"""The top floor: settings, addresses of pages, and the one list of what follows from what (reactions)."""

import gc

gc.disable()  # until every room is loaded (apps.py): nothing of that is garbage, and to look for it takes a quarter of a start
