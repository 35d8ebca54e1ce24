"""Pure numerics and calendars that several stages need."""
