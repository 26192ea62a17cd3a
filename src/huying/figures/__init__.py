"""Figures (数): what is counted, each count kept up day by day and place by place, beside what others reported.

Nouns: Unit, Metric, Contribution (what one record adds), Change, Fact (day and place), Total (subtree and month or day),
ReportedFigure, Check. Verbs: count, fold, follow a move; report, correct; add a check. Rooms above tell what their
records add and never write a fact; computed and reported figures never meet in one number.
"""
