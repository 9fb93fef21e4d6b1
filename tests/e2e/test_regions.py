"""A server of another region and account, found by profile: its names are its own, and what is meant for others is refused."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.e2e.up_server import servers, stoker

REGION, ACCOUNT = "eu-west-3", "210987654321"


def test_a_server_is_one_region_of_one_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    settings = tmp_path / "paris.toml"
    settings.write_text(f'[server]\nregion = "{REGION}"\naccount = "{ACCOUNT}"\ngateways = 1\n')
    with servers() as (data, start):
        start("--config", str(settings))
        env = json.loads(stoker("env", "--data", str(data), "--format", "json").stdout)
        assert env["AWS_REGION"] == REGION
        secret = f"aws_access_key_id = {env['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = {env['AWS_SECRET_ACCESS_KEY']}\n"
        place = f"region = {REGION}\nendpoint_url = {env['AWS_ENDPOINT_URL']}\n"
        (tmp_path / "config").write_text(f"[profile paris]\n{place}{secret}")

        def client(service: str = "sagemaker", **options: Any) -> Any:
            return boto3.Session(profile_name="paris").client(service, **options)

        made = client().create_model(ModelName="m", PrimaryContainer={"Image": "stoker/python"})
        assert made["ModelArn"] == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/m"
        assert client("sts").get_caller_identity()["Account"] == ACCOUNT
        with pytest.raises(ClientError, match="Credential should be scoped to a valid region, not 'us-east-1'") as caught:
            client(region_name="us-east-1").delete_model(ModelName="m")
        assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"
        with pytest.raises(ClientError, match="not 'us-east-1'"):
            client("sagemaker-runtime", region_name="us-east-1").invoke_endpoint(EndpointName="e", Body=b"")
        assert [model["ModelName"] for model in client().list_models()["Models"]] == ["m"]
