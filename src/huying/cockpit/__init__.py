"""驾驶舱: what a place does at a glance, and round-ups that write themselves from figures. Reads the rooms below it."""
