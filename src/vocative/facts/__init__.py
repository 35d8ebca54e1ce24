"""The one reader of events, people, items and permissions: who did what, known when, and whether it counts."""
