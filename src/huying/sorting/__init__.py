"""Which line of the service menu a free text asks for: text in, chances and reasons out. No Django, no database.

A linear model on hashed words and letter groups: multinomial logistic regression (Bishop, Pattern Recognition and Machine
Learning, 4.3.4), one temperature on top (Guo et al. 2017) and a threshold below which a person chooses. It proposes; it
decides nothing (PIPL article 24). How it is taught and how well it does: docs/classification.md.
"""
