"""AWS, by boto3."""
