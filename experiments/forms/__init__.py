"""Forms of experiments and runs."""
