"""Stands in for MLflow's command line where the reconciler starts it."""
