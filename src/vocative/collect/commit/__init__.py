"""Records as tables: staged, de-duplicated, written once; the journal of imports and their quarantine."""
