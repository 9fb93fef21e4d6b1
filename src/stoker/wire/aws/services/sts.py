"""STS: who the caller is. There is one user, `stoker`, whatever key pair a request is signed with."""

from typing import Final

from stoker.domain.ids import Partition
from stoker.wire.aws.asgi import Context, Handlers
from stoker.wire.aws.generated import sts

USER: Final = "stoker"
USER_ID: Final = "AIDASTOKERSTOKERSTOKE"
"""An id in the form that users' ids have: AIDA and 17 letters or digits."""


def handlers(partition: Partition) -> Handlers:
    """Give the STS operations that Stoker serves, by (service, operation)."""

    async def get_caller_identity(_: sts.GetCallerIdentityRequest, __: Context) -> sts.GetCallerIdentityResponse:
        arn = f"arn:aws:iam::{partition.account}:user/{USER}"
        return sts.GetCallerIdentityResponse(user_id=USER_ID, account=partition.account, arn=arn)

    return {("sts", "GetCallerIdentity"): get_caller_identity}
