"""Faults on demand: kept in a book, set over HTTP, met by calls, endpoints and jobs."""
