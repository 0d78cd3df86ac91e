"""Simulated candidates: somebody to practise on."""
