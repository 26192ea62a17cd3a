"""The audit trail on the screen: who may read which lines, what they say, and the copy as a file."""
