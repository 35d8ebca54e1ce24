"""When: the rhythm of repeat purchases, the hour and the weekday that suit a person."""
