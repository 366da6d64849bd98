"""Pages of experiments, runs and reports."""
