"""What the engine knows of each person: features, affinities, rhythms, the 360° profile."""
