"""What is drawn by lot: the control group and exploration."""
