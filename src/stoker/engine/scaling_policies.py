"""What was registered for scaling: targets, policies and how alarms' actions lead to them. Keeps, finds, decides nothing."""

from collections.abc import Mapping

from stoker.domain.scaling import ScalableTarget, ScalingPolicy, TargetKey

TARGET_KIND = "target"
"""The kind of record that a target is kept as."""

CREATED_BY = ":createdBy/"
"""What target tracking's alarm actions add to the policy's ARN."""


class Registry:
    """Targets by key, policies by target and name, policies by ARN; `rebounded` has the targets that came, changed or went."""

    __slots__ = ("_by_arn", "_of_target", "_policies", "_targets", "rebounded")

    def __init__(self) -> None:
        self._targets: dict[TargetKey, ScalableTarget] = {}
        self.rebounded: dict[TargetKey, None] = {}
        self._policies: dict[tuple[TargetKey, str], ScalingPolicy] = {}
        self._of_target: dict[TargetKey, dict[str, ScalingPolicy]] = {}
        self._by_arn: dict[str, ScalingPolicy] = {}

    @property
    def targets(self) -> Mapping[TargetKey, ScalableTarget]:
        """The scalable targets."""
        return self._targets

    @property
    def policies(self) -> Mapping[tuple[TargetKey, str], ScalingPolicy]:
        """The policies by target and name."""
        return self._policies

    def put_target(self, target: ScalableTarget) -> None:
        """Take in a target, new or changed."""
        self.rebounded[target.key] = None
        self._targets[target.key] = target

    def pop_target(self, key: TargetKey) -> ScalableTarget | None:
        """Forget a target and give it; its policies are the caller's to forget first."""
        self.rebounded[key] = None
        return self._targets.pop(key, None)

    def put_policy(self, policy: ScalingPolicy) -> ScalingPolicy | None:
        """Take in a policy; gives the one of its name before it."""
        before = self.pop_policy(policy.target, policy.name)
        self._policies[policy.target, policy.name] = policy
        self._of_target.setdefault(policy.target, {})[policy.name] = policy
        self._by_arn[policy.arn.lower()] = policy
        return before

    def pop_policy(self, key: TargetKey, name: str) -> ScalingPolicy | None:
        """Forget a policy and give it."""
        policy = self._policies.pop((key, name), None)
        if policy is None:
            return None
        del self._by_arn[policy.arn.lower()]
        siblings = self._of_target[key]
        del siblings[name]
        if not siblings:
            del self._of_target[key]
        return policy

    def policies_of(self, key: TargetKey) -> tuple[ScalingPolicy, ...]:
        """Give a target's policies."""
        return tuple(self._of_target.get(key, {}).values())

    def policy_of_action(self, action: str) -> ScalingPolicy | None:
        """Give the policy that an alarm's action names; None for actions of any other sort."""
        return self._by_arn.get(action.partition(CREATED_BY)[0].lower())
