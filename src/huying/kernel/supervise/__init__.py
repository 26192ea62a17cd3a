"""The process tree of one installation: children die with us, are started again when they die alone, are reaped.

``children`` is one process, ``loop`` keeps several running, ``web`` is the web server's entry. Linux is what is tested;
elsewhere the ties between parent and child are looser.
"""
