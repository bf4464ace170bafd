"""Amazon SageMaker whose endpoints are really served, by child processes."""
