"""The REST API of experiments, their protocols, sweeps and runs."""
