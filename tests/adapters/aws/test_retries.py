"""AWS's requests are made again by kind of failure, on clients of boto3 that answer what a test says."""

import random

import pytest
from botocore import exceptions
from botocore.awsrequest import AWSResponse, HeadersDict

from reconciler.adapters.aws.faults import changing, reading
from reconciler.adapters.aws.retries import trouble_of
from reconciler.adapters.aws.session import Aws
from reconciler.adapters.patience import BURST, Patience, Trouble
from reconciler.errors import AwsFailed, Interrupted, ReadFailed
from support.standstill import Standstill

FINE = (200, "")
URL = "https://batch.eu-west-1.amazonaws.com"


class Answers:
    """Stands before the network: (status, code) becomes an answer, an exception is raised; the last one stays."""

    def __init__(self, *answers):
        self.asked = 0
        self._answers = answers

    def __call__(self, **_request):
        answer = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        if isinstance(answer, Exception):
            raise answer
        status, code = answer
        body = b"{}" if status == 200 else f'{{"message": "so it is", "code": "{code}"}}'.encode()
        body = b"" if answer == AMONG_ITS_HEADERS else body
        headers = {"content-length": "22"} if answer == IN_ITS_BODY else {"x-amzn-errortype": code}
        response = AWSResponse(URL, status, HeadersDict(headers if code else {}), None)
        response._content = body
        return response


STILL = Standstill()
PATIENCE = Patience(STILL)


@pytest.fixture
def still():
    STILL.asked_to_stop = False
    STILL.slept.clear()
    for _ in range(2 * BURST):
        PATIENCE.went_well()
    return STILL


@pytest.fixture(scope="module")
def aws():
    return Aws("eu-west-1", credentials=("key", "secret"), patience=PATIENCE)


@pytest.fixture
def batch(aws, still):
    def make(answers, *, once=False):
        client = aws.client("batch", once=once)
        client.meta.events.unregister("before-send", unique_id="answers")
        client.meta.events.register("before-send", answers, unique_id="answers")
        return client

    yield make
    for once in (False, True):
        aws.client("batch", once=once).meta.events.unregister("before-send", unique_id="answers")


SILENCE = exceptions.ReadTimeoutError(endpoint_url=URL)
CLOSED = exceptions.ConnectionClosedError(endpoint_url=URL)
NOBODY = exceptions.EndpointConnectionError(endpoint_url=URL)


@pytest.mark.parametrize("bad", [(429, "TooManyRequestsException"), (400, "ThrottlingException"), NOBODY], ids=str)
@pytest.mark.parametrize("once", [False, True])
def test_what_was_certainly_not_done_is_always_tried_again(batch, still, bad, once):
    answers = Answers(bad, bad, FINE)
    batch(answers, once=once).describe_job_queues()
    assert (answers.asked, len(still.slept)) == (3, 2)


@pytest.mark.parametrize("bad", [(500, "InternalError"), (503, "ServiceUnavailable"), SILENCE, CLOSED], ids=str)
def test_what_may_have_been_done_is_tried_again_only_where_that_does_no_harm(batch, bad):
    patient, careful = Answers(bad, FINE), Answers(bad, FINE)
    batch(patient).describe_job_queues()
    with pytest.raises((exceptions.ClientError, exceptions.BotoCoreError)):
        batch(careful, once=True).describe_job_queues()
    assert (patient.asked, careful.asked) == (2, 1)


@pytest.mark.parametrize(
    "bad",
    [(400, "ClientException"), (403, "AccessDeniedException"), (501, "NotImplemented"), (409, "Conflict")],
    ids=str,
)
def test_what_is_permanent_is_never_tried_again(batch, bad):
    answers = Answers(bad)
    with pytest.raises(ReadFailed), reading("the queues"):
        batch(answers).describe_job_queues()
    assert answers.asked == 1


@pytest.mark.parametrize("bad", [(429, "TooManyRequestsException"), (500, "InternalError"), SILENCE, NOBODY], ids=str)
def test_an_error_says_why_no_more_tries_were_made(batch, bad):
    answers = Answers(bad)
    with pytest.raises(ReadFailed, match=r"given up after \d+ tries") as raised, reading("the queues"):
        batch(answers).describe_job_queues()
    assert f"after {answers.asked} tries" in raised.value.what


def test_an_error_says_that_the_budget_is_spent(batch):
    client = batch(Answers((500, "InternalError")))
    for _ in range(BURST // 5):
        with pytest.raises(AwsFailed), changing("look"):
            client.describe_job_queues()
    with pytest.raises(AwsFailed, match=r"given up as this run's budget of 200 retries is spent"), changing("look"):
        client.describe_job_queues()


def test_a_wait_between_tries_can_be_interrupted(batch, still):
    still.asked_to_stop = True
    with pytest.raises(Interrupted):
        batch(Answers((429, "TooManyRequestsException"))).describe_job_queues()


def test_a_run_in_which_every_fifth_request_is_throttled_converges(batch, still):
    class Moody(Answers):
        chance = random.Random(7)

        def __call__(self, **request):
            self._answers = ((400, "ThrottlingException") if self.chance.random() < 0.2 else FINE,)
            return super().__call__(**request)

    answers = Moody()
    client = batch(answers)
    for _ in range(300):
        client.describe_job_queues()
    assert 340 < answers.asked < 420
    assert len(still.slept) == answers.asked - 300


AMONG_ITS_HEADERS = (200, "no body, not even its length")
IN_ITS_BODY = (200, "less than its length")


@pytest.mark.parametrize("cut_off", [AMONG_ITS_HEADERS, IN_ITS_BODY], ids=str)
def test_an_answer_that_is_cut_off_is_not_taken_for_an_empty_one(batch, cut_off):
    answers = Answers(cut_off, FINE)
    batch(answers).describe_job_queues()
    assert answers.asked == 2
    with pytest.raises(ReadFailed, match=r"did not answer \(0 read.*given up after 4 tries"), reading("the queues"):
        batch(Answers(cut_off)).describe_job_queues()
    with pytest.raises(exceptions.IncompleteReadError):
        batch(Answers(cut_off), once=True).describe_job_queues()


def test_half_an_xml_document_is_cut_off_as_well(aws, still):
    whole = b"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></"
    asked = []

    def answer(**_request):
        asked.append(1)
        response = AWSResponse(URL, 200, HeadersDict({"content-length": "200"}), None)
        response._content = whole
        return response

    sts = aws.client("sts")
    sts.meta.events.register("before-send", answer, unique_id="half")
    try:
        with pytest.raises(ReadFailed, match="did not answer"), reading("the account"):
            sts.get_caller_identity()
    finally:
        sts.meta.events.unregister("before-send", unique_id="half")
    assert len(asked) > 1


def test_answers_of_other_services_are_told_apart_as_well():
    class Http:
        status_code = 400

    assert trouble_of((Http, {"Error": {"Code": "RequestTimeout"}}), None) is Trouble.SERVER
    assert trouble_of((Http, {"Error": {"Code": "RequestLimitExceeded"}}), None) is Trouble.THROTTLED
    assert trouble_of(None, exceptions.SSLError(endpoint_url=URL, error="expired")) is None
    assert trouble_of(None, exceptions.NoCredentialsError()) is None
