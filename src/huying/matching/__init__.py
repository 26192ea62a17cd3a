"""Who could help with what, and who best: candidates and plans as pure functions of arrays. No Django, no files, no words.

* ``problem``: what is matched: ``Helpers``, ``Needs``, ``Prices``, ``Relaxing``, ``Week``; ``earth``: degrees to metres
* ``index.build`` once for the helpers, then
* ``online.best``: the best helpers for one need, with reasons
* ``batch.assign``: the cheapest plan for all open needs, with its proof
* ``explaining.explain``: for every seat left empty the rule that binds and the cheapest way out

How it works: ``index``, ``scanning`` (the K cheapest for a need), ``shortest`` (exact), ``auction`` (nearly exact),
``library`` (OR-Tools), ``certificate`` (the mathematics of the proof). The whole: docs/decisions/0019-matching.md.
"""
