"""One person: what is kept of them, why they got a message, corrections, erasure."""
