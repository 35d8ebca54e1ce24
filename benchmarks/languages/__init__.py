"""How often what is said in a language is right."""
