"""机制包: a locality's mechanism as data (catalogue C17, section 4). Nouns: pack, version, switch, difference, slot.

A pack is one YAML file: components with their empty slots, the things of other rooms they drive, words. It is checked
(``rules``), loaded by an administrator of the whole platform, switched on at places by their administrators, and can
only switch on what the code allows (section 5; ``rules/barred.py``). Everybody reads what is in force.
"""
