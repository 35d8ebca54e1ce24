"""What happened, as arrays of one moment.

Events, impressions, deliveries, reactions of machines; every prediction reads the past through it.
"""
