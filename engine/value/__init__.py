"""From ranges of a stakeholder's guesses to money, and what a run is worth."""
