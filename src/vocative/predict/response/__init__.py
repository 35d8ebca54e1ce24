"""How people react to messages: opens, clicks, and when."""
