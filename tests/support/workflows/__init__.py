"""Plays a repository's GitHub workflows on this machine: what GitHub would do with them, as far as ours use it."""
