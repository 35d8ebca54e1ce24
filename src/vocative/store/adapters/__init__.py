"""The drivers that come with Vocative; reached through `vocative.store.registry` only."""
