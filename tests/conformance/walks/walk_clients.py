"""What walks the walkthroughs of AWS: boto3 of any age, the AWS CLI 1, the SageMaker SDK 2, all with the same few verbs.

Imported in a process that has just one of them on its path, so nothing is imported before it is asked for. Where the server is,
and the keys, come from the environment, as these clients look there.
"""

import contextlib
import io
import json
import os
import re
from pathlib import Path
from typing import Any, TypeAlias

Loose: TypeAlias = Any  # boto3 makes its clients, and their replies, at run time

RESOURCES = {"NumberOfCpuCoresRequired": 1, "MinMemoryRequiredInMb": 1024}


class RefusedError(Exception):
    """The server refused a call: its code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Boto:
    """A boto3 of any age."""

    def __init__(self) -> None:
        import boto3  # noqa: PLC0415 - the one on the path

        self.version = f"boto3 {boto3.__version__}"
        self._make = boto3.client
        self._clients: dict[str, Loose] = {}

    def client(self, service: str) -> Loose:
        """Give the client of a service, always the same."""
        if service not in self._clients:
            from botocore.config import Config  # noqa: PLC0415 - the one on the path

            self._clients[service] = self._make(
                service,
                # Those of 2023 hold a minimum of zero instances for too little.
                config=Config(max_pool_connections=32, retries={"total_max_attempts": 1}, parameter_validation=False),
            )
        return self._clients[service]

    def protocol(self) -> str:
        """Tell what CloudWatch is asked in."""
        model = self.client("cloudwatch").meta.service_model
        return str(getattr(model, "resolved_protocol", None) or model.metadata["protocol"])

    def call(self, service: str, operation: str, **given: Loose) -> Loose:
        """Call an operation by the name and with the members that its API gives them."""
        from botocore import xform_name  # noqa: PLC0415 - the one on the path
        from botocore.exceptions import ClientError  # noqa: PLC0415 - as above

        try:
            return getattr(self.client(service), xform_name(operation))(**given)
        except ClientError as error:
            told: Loose = error.response
            raise RefusedError(told["Error"]["Code"], told["Error"]["Message"]) from error

    def role(self) -> str:
        """Give the execution role: the caller's own."""
        found = re.fullmatch(r"arn:aws:sts::(\d+):assumed-role/([^/]+)/.*", self.call("sts", "GetCallerIdentity")["Arn"])
        assert found is not None
        arn: str = self.call("iam", "GetRole", RoleName=found[2])["Role"]["Arn"]
        return arn

    def upload(self, archive: Path, name: str) -> str:
        """Put a model's archive into a bucket; give its URL."""
        self.call("s3", "CreateBucket", Bucket=f"models-{name}")
        self.client("s3").upload_file(str(archive), f"models-{name}", "model.tar.gz")
        return f"s3://models-{name}/model.tar.gz"

    def deploy(self, name: str, data: str, role: str, more: dict[str, str], accelerators: int) -> None:
        """Make a model, and a component of the endpoint with the same name."""
        container = {"Image": "stoker/python", "ModelDataUrl": data, "Environment": more}
        self.call("sagemaker", "CreateModel", ModelName=name, ExecutionRoleArn=role, PrimaryContainer=container)
        needs = {**RESOURCES, "NumberOfAcceleratorDevicesRequired": accelerators}
        self.call(
            "sagemaker",
            "CreateInferenceComponent",
            InferenceComponentName=name,
            EndpointName=name,
            VariantName="AllTraffic",
            Specification={"ModelName": name, "ComputeResourceRequirements": needs},
            RuntimeConfig={"CopyCount": 1},
        )

    def invoke(self, name: str, given: Loose) -> Loose:
        """Invoke the component once."""
        reply = self.call(
            "sagemaker-runtime",
            "InvokeEndpoint",
            EndpointName=name,
            InferenceComponentName=name,
            ContentType="application/json",
            Body=json.dumps(given).encode(),
        )
        return json.loads(reply["Body"].read())

    def load(self, name: str, given: Loose) -> None:
        """Invoke the component as load does; from many threads."""
        self.invoke(name, given)

    def streamed(self, name: str, given: Loose) -> list[str] | None:
        """Give the parts of an answer that comes as a stream; None when the client has no way to ask for one."""
        reply = self.call(
            "sagemaker-runtime",
            "InvokeEndpointWithResponseStream",
            EndpointName=name,
            InferenceComponentName=name,
            ContentType="application/json",
            Body=json.dumps(given).encode(),
        )
        return [event["PayloadPart"]["Bytes"].decode() for event in reply["Body"]]

    def remove(self, name: str, gone: Loose) -> None:
        """Delete the component, wait until it is `gone`, then the rest."""
        self.call("sagemaker", "DeleteInferenceComponent", InferenceComponentName=name)
        gone()
        self.call("sagemaker", "DeleteEndpoint", EndpointName=name)
        self.call("sagemaker", "DeleteEndpointConfig", EndpointConfigName=name)
        self.call("sagemaker", "DeleteModel", ModelName=name)


class Cli(Boto):
    """The AWS CLI 1, command by command; its load is made by the botocore that it brings."""

    def __init__(self) -> None:
        import awscli  # noqa: PLC0415 - the one on the path
        from awscli.clidriver import create_clidriver  # noqa: PLC0415 - as above

        self.version = f"aws-cli {awscli.__version__}"
        self._driver = create_clidriver()
        # `botocore` is now the CLI's own; a second session, because the first keeps the answers for its commands.
        self._make = create_clidriver().session.create_client
        self._clients = {}

    def call(self, service: str, operation: str, **given: Loose) -> Loose:
        """Run the operation's command with all its members as JSON."""
        from botocore import xform_name  # noqa: PLC0415 - the one on the path

        words = [service, xform_name(operation, "-"), "--cli-input-json", json.dumps(given)]
        told = self.run(*words)
        return json.loads(told) if told.strip() else {}

    def run(self, *words: str) -> str:
        """Run one command as the `aws` program would; give what it prints."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = self._driver.main(["--output", "json", *words])
        if status:
            said = err.getvalue() + out.getvalue()
            found = re.search(r"An error occurred \((\w+)\) when calling the \w+ operation: (.*)", said)
            raise RefusedError(found[1], found[2]) if found else RuntimeError(f"{words}: {said}")
        return out.getvalue()

    def upload(self, archive: Path, name: str) -> str:
        """Put a model's archive into a bucket; give its URL."""
        self.run("s3", "mb", f"s3://models-{name}")
        self.run("s3", "cp", "--quiet", str(archive), f"s3://models-{name}/model.tar.gz")
        return f"s3://models-{name}/model.tar.gz"

    def invoke(self, name: str, given: Loose) -> Loose:
        """Invoke the component once; the command writes the answer to a file."""
        answer = Path(f"{name}.json")
        which = ["--endpoint-name", name, "--inference-component-name", name, "--content-type", "application/json"]
        self.run("sagemaker-runtime", "invoke-endpoint", *which, "--body", json.dumps(given), str(answer))
        return json.loads(answer.read_bytes())

    def streamed(self, name: str, given: Loose) -> list[str] | None:  # noqa: ARG002 - it has no command for streams
        """Give None: no command of version 1 reads event streams."""
        return None

    def load(self, name: str, given: Loose) -> None:
        """Invoke the component as load does; from many threads."""
        reply = self.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=name, InferenceComponentName=name, ContentType="application/json", Body=json.dumps(given).encode()
        )
        reply["Body"].read()


class Sdk(Boto):
    """The SageMaker SDK 2: what it has a method for is done by it, the rest by its boto3, as in AWS's notebooks."""

    def __init__(self) -> None:
        import sagemaker  # noqa: PLC0415 - the one on the path
        import sagemaker.deserializers  # noqa: PLC0415 - as above
        import sagemaker.model  # noqa: PLC0415 - as above
        import sagemaker.predictor  # noqa: PLC0415 - as above
        import sagemaker.session  # noqa: PLC0415 - as above

        super().__init__()
        # The one thing that has to be told: SDK 2 asks STS at AWS's own host.
        sagemaker.session.sts_regional_endpoint = lambda _: os.environ["AWS_ENDPOINT_URL"]
        self.version = f"sagemaker {sagemaker.__version__}"
        self._sdk: Loose = sagemaker
        self._session = sagemaker.Session()
        self._clients = {"sagemaker": self._session.sagemaker_client, "sagemaker-runtime": self._session.sagemaker_runtime_client}

    def role(self) -> str:
        """Give the execution role: the caller's own."""
        arn: str = self._sdk.get_execution_role(self._session)
        return arn

    def upload(self, archive: Path, name: str) -> str:
        """Put a model's archive into a bucket; give its URL."""
        uri: str = self._session.upload_data(str(archive), key_prefix=name)
        return uri

    def deploy(self, name: str, data: str, role: str, more: dict[str, str], accelerators: int) -> None:
        """Make a model, and a component of the endpoint with the same name."""
        from sagemaker.compute_resource_requirements import resource_requirements  # noqa: PLC0415 - the one on the path

        needs = {"num_cpus": 1, "memory": RESOURCES["MinMemoryRequiredInMb"], "num_accelerators": accelerators, "copies": 1}
        model = self._sdk.model.Model("stoker/python", data, role, env=more, name=name, sagemaker_session=self._session)
        model.deploy(
            endpoint_name=name,
            instance_type="ml.g5.12xlarge",
            initial_instance_count=1,
            endpoint_type=self._sdk.enums.EndpointType.INFERENCE_COMPONENT_BASED,
            inference_component_name=name,
            resources=resource_requirements.ResourceRequirements(requests=needs),
            wait=False,  # it looks every 20 seconds, and they are minutes here
        )

    def invoke(self, name: str, given: Loose) -> Loose:
        """Invoke the component once."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 - the one on the path

        sdk = self._sdk
        json_out, json_in = sdk.serializers.JSONSerializer(), sdk.deserializers.JSONDeserializer()
        predictor = sdk.predictor.Predictor(name, self._session, json_out, json_in, component_name=name)
        try:
            return predictor.predict(given)
        except ClientError as error:
            told: Loose = error.response
            raise RefusedError(told["Error"]["Code"], told["Error"]["Message"]) from error

    def remove(self, name: str, gone: Loose) -> None:
        """Delete the component, wait until it is `gone`, then the rest."""
        self._session.delete_inference_component(name)
        gone()
        self._session.delete_endpoint(name)
        self._session.delete_endpoint_config(name)
        self._session.delete_model(name)


CLIENTS = {"newest": Boto, "of-2023": Boto, "cli": Cli, "sdk": Sdk}
