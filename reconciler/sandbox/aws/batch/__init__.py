"""AWS Batch whose jobs really run, as child processes."""
