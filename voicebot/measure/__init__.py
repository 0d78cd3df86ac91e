"""Measures the product with its own parts: how well it hears, when it takes its turn, how fast it answers."""
