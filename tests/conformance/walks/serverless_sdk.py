"""A serverless endpoint as the SageMaker SDK 2 makes, invokes, changes and deletes one. Prints what it saw as JSON.

Imported modules are those on the path; where the server is, and the keys, come from the environment.
"""

import json
import os
import sys
import time
from typing import Any, TypeAlias

import sagemaker
import sagemaker.deserializers
import sagemaker.model
import sagemaker.predictor
import sagemaker.serializers
import sagemaker.session
from sagemaker.serverless import ServerlessInferenceConfig

Loose: TypeAlias = Any  # the SDK's clients are made at run time

PATIENCE_S = 20


def in_service(session: Loose, name: str) -> Loose:
    """Wait until the endpoint is in service; the SDK itself looks every 30 seconds."""
    end = time.monotonic() + PATIENCE_S
    while (told := session.sagemaker_client.describe_endpoint(EndpointName=name))["EndpointStatus"] != "InService":
        if time.monotonic() > end:
            raise TimeoutError(told["EndpointStatus"])
        time.sleep(0.05)
    return told["ProductionVariants"][0]


def walk(name: str, archive: str) -> Loose:
    """Make the endpoint, invoke it, give it another size, and delete everything."""
    # The one thing that has to be told: SDK 2 asks STS at AWS's own host.
    sagemaker.session.sts_regional_endpoint = lambda _: os.environ["AWS_ENDPOINT_URL"]
    session = sagemaker.Session()
    role = sagemaker.get_execution_role(session)
    data = session.upload_data(archive, key_prefix=name)
    model = sagemaker.model.Model("stoker/python", data, role, name=name, sagemaker_session=session)
    config = ServerlessInferenceConfig(memory_size_in_mb=1024, max_concurrency=2)
    model.deploy(endpoint_name=name, serverless_inference_config=config, wait=False)
    shown = in_service(session, name)
    json_out, json_in = sagemaker.serializers.JSONSerializer(), sagemaker.deserializers.JSONDeserializer()
    predictor = sagemaker.predictor.Predictor(name, session, json_out, json_in)
    answer = predictor.predict({"size": 3})
    larger = ServerlessInferenceConfig(memory_size_in_mb=2048, max_concurrency=3, provisioned_concurrency=1)
    variant = sagemaker.session.production_variant(name, serverless_inference_config=larger._to_request_dict())  # noqa: SLF001 - as its own deploy does
    session.create_endpoint_config_from_existing(name, f"{name}-larger", new_production_variants=[variant])
    session.update_endpoint(name, f"{name}-larger", wait=False)
    changed = in_service(session, name)
    again = predictor.predict({"size": 2})
    predictor.delete_endpoint()
    session.delete_model(name)
    return {
        "version": sagemaker.__version__,
        "shown": shown["CurrentServerlessConfig"],
        "changed": changed["CurrentServerlessConfig"],
        "answers": [answer["text"], again["text"]],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(walk(sys.argv[1], sys.argv[2])) + "\n")
