"""The parts of ``bench_rush``: the crowd and what it presses, the clients, the server that is killed, the judgement."""
