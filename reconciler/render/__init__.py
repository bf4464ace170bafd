"""Proposals, reports and progress, as text, Markdown and JSON. Only what is listed here is ever shown."""
