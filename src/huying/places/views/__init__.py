"""Pages about places: the tree and each place for everybody, changing them and the reports for staff."""
