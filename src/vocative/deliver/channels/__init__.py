"""The channels that come with Vocative; reached through the registry only."""
