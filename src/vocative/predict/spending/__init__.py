"""How much, how often and when next: orders, money, what is about to run out."""
