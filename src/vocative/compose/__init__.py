"""Words for one person, from safe templates and checked facts."""
