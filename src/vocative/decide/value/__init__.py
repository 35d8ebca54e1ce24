"""What an option is worth: value, lift over others, sizes of an offer and the odds they take."""
