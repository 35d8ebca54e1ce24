"""What a treatment changes: learners of effects, their evidence, arms and doses."""
