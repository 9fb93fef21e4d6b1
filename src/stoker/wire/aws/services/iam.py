"""IAM, as far as SDKs ask it before their first call: what role this is.

Roles are names here, so every name is a role's. That of the role that callers are seen to have assumed lies under
`/service-role/`, where SageMaker makes execution roles.
"""

from typing import Final
from urllib.parse import quote

from stoker.units import SECOND
from stoker.wire.aws.access import Access
from stoker.wire.aws.asgi import Context, Handlers
from stoker.wire.aws.generated import iam
from stoker.wire.aws.services.sts import role_id
from stoker.wire.aws.times import Timestamp

CREATED: Final = Timestamp(1_577_836_800 * SECOND)
"""2020-01-01: roles have always been there."""
MAX_SESSION_S: Final = 43_200
TRUST: Final = quote(
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
    '"Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
    safe="",
)


def handlers(access: Access) -> Handlers:
    """Give the IAM operations that Stoker serves, by (service, operation)."""

    async def get_role(given: iam.GetRoleRequest, _: Context) -> iam.GetRoleResponse:
        name = given.role_name
        path = "/service-role/" if name == access.role else "/"
        return iam.GetRoleResponse(
            role=iam.Role(
                path=path,
                role_name=name,
                role_id=role_id(name),
                arn=f"arn:aws:iam::{access.partition.account}:role{path}{name}",
                create_date=CREATED,
                assume_role_policy_document=TRUST,
                max_session_duration=MAX_SESSION_S,
            )
        )

    return {("iam", "GetRole"): get_role}
