"""What would happen: previews, dry runs over spans of the past, replays of decisions."""
