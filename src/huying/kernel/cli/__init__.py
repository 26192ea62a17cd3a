"""The command line: set-up, start, tests and diagnosis of one installation.

``first`` runs in any Python 3.11+ with nothing installed and makes the environment; everything else runs inside it.
Words of the domain do not belong here: rooms bring their own management commands, and ``./huying NAME`` runs them.
"""
