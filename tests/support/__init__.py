"""Builders, fakes and the model world that the tests share."""
