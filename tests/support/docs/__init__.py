"""The documentation: what is written from code, and what is checked against it."""
