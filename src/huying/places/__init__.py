"""Places (阵地): the tree of divisions and sites of any depth and kind, with search, coverage, reach and the map."""
