"""Programs that read what strangers send. Each runs as a process of its own with hard limits, knows no
database and no settings, takes the file on standard input and answers on standard output. ``run`` and
``lines`` start them.
"""
