import pytest

from stoker.decisions.policies.rule import read_rule
from stoker.errors import InvalidParameterError


def test_a_component_s_tag_goes_before_its_endpoint_s_and_that_before_the_default() -> None:
    component, endpoint = {"stoker:policy": "ray"}, {"stoker:policy": "keda", "stoker:max-copies": "3"}
    names = []
    for tags, endpoint_tags in ((component, endpoint), ({}, endpoint), ({}, {})):
        policy = read_rule(tags, endpoint_tags, "split").policy
        assert policy is not None
        names.append(policy.name)
    assert names == ["ray", "keda", "split"]
    assert read_rule({"stoker:policy": "none"}, endpoint, "split").policy is None
    assert read_rule({}, {}, "none").policy is None


@pytest.mark.parametrize(
    ("tags", "asked", "bounds"),
    [
        ({}, 0, (0, 1)),
        ({}, 4, (0, 4)),
        ({"stoker:max-copies": "9"}, 4, (0, 9)),
        ({"stoker:min-copies": "2"}, 1, (2, 2)),
        ({"stoker:min-copies": "0", "stoker:max-copies": "1000"}, 1, (0, 1000)),
    ],
)
def test_bounds(tags: dict[str, str], asked: int, bounds: tuple[int, int]) -> None:
    assert read_rule(tags, {}, "split").bounds(asked) == bounds


@pytest.mark.parametrize(
    ("tags", "field", "said"),
    [
        (
            {"stoker:policy": "spilt"},
            "Tags[stoker:policy]",
            "The tag stoker:policy: There is no policy 'spilt'; there are split,",
        ),
        ({"stoker:policy": ""}, "Tags[stoker:policy]", "The tag stoker:policy: '' is no policy"),
        ({"stoker:max-copies": "0"}, "Tags[stoker:max-copies]", "must be a whole number from 1 to 1000, not '0'"),
        ({"stoker:min-copies": "-1"}, "Tags[stoker:min-copies]", "must be a whole number from 0 to 1000, not '-1'"),
        ({"stoker:max-copies": "10000"}, "Tags[stoker:max-copies]", "must be a whole number from 1 to 1000"),
        ({"stoker:min-copies": "٣"}, "Tags[stoker:min-copies]", "must be a whole number from 0 to 1000"),
        ({"stoker:min-copies": "3", "stoker:max-copies": "2"}, "Tags[stoker:min-copies]", "(3) must not be greater than the tag"),
    ],
)
def test_what_is_wrong_names_the_tag(tags: dict[str, str], field: str, said: str) -> None:
    with pytest.raises(InvalidParameterError) as refused:
        read_rule(tags, {}, "split")
    assert refused.value.field == field
    assert said in refused.value.message
