"""Which option each person gets, for everybody at once under limits: prices, rounding, the exact solver."""
