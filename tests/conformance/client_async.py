"""InvokeEndpointAsync by a boto3 of 2023, which knows no inline body: run by `test_async_calls` in a process of its own."""

import json
import sys

import boto3

address, key, secret = sys.argv[1:4]
keys = {"aws_access_key_id": key, "aws_secret_access_key": secret, "region_name": "us-east-1", "endpoint_url": address}
reply = boto3.client("sagemaker-runtime", **keys).invoke_endpoint_async(EndpointName="e", InputLocation="s3://in/old.json")
told = {
    "version": boto3.__version__,
    "status": reply["ResponseMetadata"]["HTTPStatusCode"],
    "id": reply["InferenceId"],
    "output": reply["OutputLocation"],
    "failure": reply["FailureLocation"],
}
sys.stdout.write(json.dumps(told))
