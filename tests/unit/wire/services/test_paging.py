"""Pages of rows: order, ties, tokens that are not what they seem."""

import base64
from collections.abc import Callable
from functools import partial

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stoker.errors import InvalidParameterError
from stoker.wire.aws.generated import sagemaker as sm
from stoker.wire.aws.services.paging import Page, Row, page, page_of

names = st.lists(st.text("abc", min_size=1, max_size=3), unique=True, max_size=30)


def rows(*items: tuple[str, int]) -> list[Row[str]]:
    return [Row(name, name, created) for name, created in items]


def walked(asked: sm.ListModelsInput, all_rows: list[Row[str]]) -> list[str]:
    """Every item, page by page."""
    out: list[str] = []
    token = None
    for _ in range(len(all_rows) + 1):
        found = page(msgspec.structs.replace(asked, next_token=token), all_rows)
        out += found.items
        token = found.next_token
        if token is None:
            return out
    raise AssertionError(token)


def test_things_of_one_instant_are_in_order_of_name() -> None:
    same = rows(("b", 1), ("a", 1), ("c", 1))
    assert walked(sm.ListModelsInput(max_results=1), same) == ["c", "b", "a"]
    assert walked(sm.ListModelsInput(max_results=1, sort_order="Ascending"), same) == ["a", "b", "c"]


@given(names, st.integers(1, 5), st.sampled_from(["Name", "CreationTime"]), st.sampled_from(["Ascending", "Descending"]))
def test_pages_hold_everything_once_and_in_order(found: list[str], size: int, sort_by: str, order: str) -> None:
    all_rows = rows(*((name, len(name)) for name in found))
    asked = sm.ListModelsInput(max_results=size, sort_by=sort_by, sort_order=order)
    key = (lambda n: (n, n)) if sort_by == "Name" else (lambda n: (len(n), n))
    assert walked(asked, all_rows) == sorted(found, key=key, reverse=order == "Descending")


class Thing(msgspec.Struct, frozen=True):
    """Something that is listed."""

    name: str
    created: int


def outcome(give: Callable[[], Page[Thing]]) -> Page[Thing] | str:
    try:
        return give()
    except InvalidParameterError as error:
        return f"{error.field}: {error.message}"


@given(
    st.lists(
        st.builds(Thing, st.text("abc", min_size=1, max_size=2), st.integers(0, 3)), unique_by=lambda t: t.name, max_size=12
    ),
    st.sampled_from([1, 2, 5, None]),
    st.sampled_from(["Name", "CreationTime", None]),
    st.sampled_from(["Ascending", "Descending", None]),
    st.sampled_from(["a", None]),
    st.sampled_from(["walk", "forged", "another"]),
)
def test_many_things_come_on_the_same_pages(  # noqa: PLR0917
    things: list[Thing], size: int | None, sort_by: str | None, order: str | None, contains: str | None, way: str
) -> None:
    asked = sm.ListModelsInput(max_results=size, sort_by=sort_by, sort_order=order, name_contains=contains)

    def row(thing: Thing) -> Row[Thing]:
        return Row(thing, thing.name, thing.created)

    for _ in range(len(things) + 1):
        one = outcome(partial(page, asked, [row(thing) for thing in things]))
        assert outcome(partial(page_of, asked, things, row)) == one
        token = None if isinstance(one, str) else one.next_token
        if token is None:
            return
        if way == "forged":
            token = base64.urlsafe_b64encode(msgspec.json.encode(["d", "x", "y"])).decode()
        by = {"Name": "CreationTime", "CreationTime": "Name", None: None}[sort_by] if way == "another" else sort_by
        asked = msgspec.structs.replace(asked, next_token=token, sort_by=by)


def test_a_token_with_another_kind_of_place_is_refused() -> None:
    token = page(sm.ListModelsInput(max_results=1), rows(("a", 1), ("b", 2))).next_token
    assert token is not None
    digest, place, name = msgspec.json.decode(base64.urlsafe_b64decode(token))
    assert (place, name) == (2, "b")
    forged = base64.urlsafe_b64encode(msgspec.json.encode([digest, "2", name])).decode()
    with pytest.raises(InvalidParameterError) as caught:
        page(sm.ListModelsInput(next_token=forged), rows(("a", 1)))
    assert caught.value.field == "NextToken"


@pytest.mark.parametrize("token", ["", "é", "e30=", "W10=", "WyJhIiwxXQ==", "a"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidParameterError):
        page(sm.ListModelsInput(next_token=token), [])
