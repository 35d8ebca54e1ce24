"""Opens a workspace folder: its configuration, stores, clock and random source; runs nothing."""
