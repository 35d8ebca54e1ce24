"""What next: candidates, their ranking, items a person has not met, diversity and the filter bubble."""
