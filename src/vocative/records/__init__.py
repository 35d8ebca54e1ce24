"""The vocabulary: table declarations, settings and records that travel between stages; no logic, no IO."""
