"""The parts of ``bench_pages``: which pages are asked for and by whom, the naive ones beside them, servers and clients."""
