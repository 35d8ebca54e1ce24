"""Which options are open to a person: hard filters, caps, languages, channels, hours, budgets."""
