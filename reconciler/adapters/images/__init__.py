"""Container images: what is in ECR, and the two ways of making more."""
