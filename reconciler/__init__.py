"""Declarative GitOps reconciler for the whole life of a machine-learning model on AWS."""
