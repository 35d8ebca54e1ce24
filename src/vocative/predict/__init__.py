"""What each person will probably do: one module per question."""
