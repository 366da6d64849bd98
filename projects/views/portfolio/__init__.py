"""The portfolio: its views, the optimiser, platforms, rates."""
