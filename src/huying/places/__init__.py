"""Places (阵地): the tree of divisions and sites, with search, coverage, reach and the map."""
