"""Hypotheses, protocols, runs and what they are worth."""
