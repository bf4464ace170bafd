"""The keys of the sandboxes that tests start inside their own process."""

from reconciler.sandbox.aws import Access
from reconciler.sandbox.keys import Keys
from reconciler.sandbox.seal import Seal

KEYS = Keys("AKIATESTTESTTESTTEST", "secret-of-the-tests", "password-of-the-tests")
SEAL = Seal(b"key of the tests, 32 bytes long.")
ACCESS = Access(*KEYS.aws, SEAL)
LOGIN = {"aws_access_key_id": KEYS.access_key_id, "aws_secret_access_key": KEYS.secret_access_key}
"""For boto3."""
