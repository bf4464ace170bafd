"""Asynchronous endpoints through boto3: questions lie in S3, and so do their answers."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError


def settings(bucket: str, **output: Any) -> dict[str, Any]:
    paths = {"S3OutputPath": f"s3://{bucket}/out/", "S3FailurePath": f"s3://{bucket}/failed"}
    client = {"MaxConcurrentInvocationsPerInstance": 4}
    return {"AsyncInferenceConfig": {"ClientConfig": client, "OutputConfig": {**paths, **output}}}


def put(serving: Any, bucket: str, key: str, body: bytes) -> str:
    serving.box.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    return f"s3://{bucket}/{key}"


def invoke(serving: Any, name: str, location: str, **more: Any) -> dict[str, Any]:
    return serving.runtime.invoke_endpoint_async(EndpointName=name, InputLocation=location, **more)


def key_of(location: str) -> str:
    return location.removeprefix("s3://").partition("/")[2]


def test_an_answer_is_written_where_the_caller_was_told(serving: Any) -> None:
    bucket = serving.bucket("answers")
    described = serving.serve("answers", settings(bucket))
    assert described["AsyncInferenceConfig"] == settings(bucket)["AsyncInferenceConfig"]
    config = serving.client.describe_endpoint_config(EndpointConfigName="answers-more")
    assert config["AsyncInferenceConfig"] == described["AsyncInferenceConfig"]

    accepted = invoke(serving, "answers", put(serving, bucket, "in/1.csv", b"1,2"), ContentType="text/csv")
    assert accepted["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert accepted["OutputLocation"].startswith(f"s3://{bucket}/out/")
    assert accepted["FailureLocation"].startswith(f"s3://{bucket}/failed/")
    assert accepted["InferenceId"]
    written = serving.eventually(lambda: serving.objects(bucket, "out/"))
    assert written == {key_of(accepted["OutputLocation"]): "answers:1,2"}
    assert serving.objects(bucket, "failed/") == {}
    head = serving.box.client("s3").head_object(Bucket=bucket, Key=key_of(accepted["OutputLocation"]))
    assert head["ContentType"] == "text/csv"


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [("refused", b"bad", 'with message "refused:bad"'), ("missing", None, "The specified key does not exist")],
)
def test_a_question_that_has_no_answer_is_written_to_the_failures(
    serving: Any, name: str, body: bytes | None, reason: str
) -> None:
    bucket = serving.bucket(f"failures-{name}")
    serving.serve(name, settings(bucket))
    location = put(serving, bucket, "in", body) if body else f"s3://{bucket}/nowhere"
    accepted = invoke(serving, name, location)
    written = serving.eventually(lambda: serving.objects(bucket, "failed/"))
    assert list(written) == [key_of(accepted["FailureLocation"])]
    assert reason in written[key_of(accepted["FailureLocation"])]
    assert serving.objects(bucket, "out/") == {}


def test_topics_are_told_of_answers_and_of_failures(serving: Any) -> None:
    bucket = serving.bucket("told")
    sns, sqs = serving.box.client("sns"), serving.box.client("sqs")
    queue = sqs.create_queue(QueueName="told")["QueueUrl"]
    address = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="told")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=address, Attributes={"RawMessageDelivery": "true"})
    serving.serve("told", settings(bucket, NotificationConfig={"SuccessTopic": topic, "ErrorTopic": topic}))

    told = {}
    for body in (b"1", b"bad"):
        accepted = invoke(serving, "told", put(serving, bucket, "in", body), InferenceId=f"id-{body.decode()}")
        (message,) = serving.eventually(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"))
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        told[body] = json.loads(message["Body"])
        assert told[body]["inferenceId"] == accepted["InferenceId"] == f"id-{body.decode()}"
        assert told[body]["requestParameters"] == {"endpointName": "told", "inputLocation": f"s3://{bucket}/in"}
    assert told[b"1"]["invocationStatus"] == "Completed"
    assert told[b"1"]["responseParameters"]["outputLocation"].startswith(f"s3://{bucket}/out/")
    assert told[b"bad"]["invocationStatus"] == "Failed"
    assert "client error (400)" in told[b"bad"]["failureReason"]


def test_each_kind_of_endpoint_takes_its_own_kind_of_question(serving: Any) -> None:
    bucket = serving.bucket("kinds")
    serving.serve("later", settings(bucket))
    serving.create("now", serving.release("now"))
    with pytest.raises(ClientError, match="serves asynchronously: call InvokeEndpointAsync"):
        serving.ask("later")
    location = put(serving, bucket, "in", b"1")
    with pytest.raises(ClientError, match="does not serve asynchronously: call InvokeEndpoint"):
        invoke(serving, "now", location)
    with pytest.raises(ClientError, match="is not an address in S3"):
        invoke(serving, "later", "https://somewhere/else")
    with pytest.raises(ClientError, match="Endpoint nobody of account 123456789012 not found"):
        invoke(serving, "nobody", location)
