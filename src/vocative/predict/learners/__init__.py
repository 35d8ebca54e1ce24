"""Ways to learn from rows that know nothing of people.

Logistic regression, boosted trees, ensembles, calibration, intervals.
"""
