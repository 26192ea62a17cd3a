"""A whole made-up jurisdiction in the size of the pages: tree, people, teams, two years of service and of calls.

``shape`` says how much of what, ``calendar`` when, ``steps`` in which order; each other file writes one sort of rows.
Everything is invented (decision 0027).
"""
