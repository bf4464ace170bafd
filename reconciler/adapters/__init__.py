"""The outside world, one client library each. Adapters decide nothing."""
