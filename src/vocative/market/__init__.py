"""A simulated market whose truth is planted: people, what they buy, what a message changes, and what silence had been.

Everything here is simulated. The engine meets the market only through files and commands; what is planted is in none
of those files. `docs/explanation/market.md` tells the protocol, so that another market or policy can take its place.
"""
