"""What a person's machine, credentials and environment are fit for. Pure: what was found goes in, findings come out."""
