"""What an account has once for all its environments."""

from reconciler.adapters.aws.account import StsAccount

HOST = "token.actions.githubusercontent.com"


def test_the_account_is_the_one_that_the_credentials_belong_to(aws):
    assert StsAccount(aws).id() == "123456789012"


def test_an_identity_provider_is_found_by_its_host(aws):
    iam = aws.client("iam")
    assert StsAccount(aws).oidc_provider(HOST) == ""
    iam.create_open_id_connect_provider(Url="https://elsewhere.example", ThumbprintList=["0" * 40])
    made = iam.create_open_id_connect_provider(Url=f"https://{HOST}", ThumbprintList=["0" * 40])
    assert StsAccount(aws).oidc_provider(HOST) == made["OpenIDConnectProviderArn"]
