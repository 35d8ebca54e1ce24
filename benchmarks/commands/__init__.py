"""What single commands cost, as a user types them."""
