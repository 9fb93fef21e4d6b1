"""What model servers tell of themselves, read and made metrics of."""

from hypothesis import given
from hypothesis import strategies as st

from stoker.domain.ids import CopyId
from stoker.telemetry.scraped import MAX_LINES, MAX_NAMES, Growth, Told, read

TEXT = b"""
# HELP vllm:num_requests_waiting Requests that wait.
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{model_name="a"} 3.0
vllm:num_requests_waiting{model_name="b"} 4.0
# TYPE requests counter
requests_total{code="200"} 10
requests_created{code="200"} 1.7e+09
# TYPE latency histogram
latency_bucket{le="1"} 3
latency_bucket{le="+Inf"} 4
latency_sum 5.5
latency_count 4
# TYPE size summary
size{quantile="0.5"} 1
size_sum 2
size_count 3
bare 7
broken NaN
"""

A, B = CopyId("a"), CopyId("b")


def test_samples_are_added_up_over_labels_and_histograms_keep_sum_and_count() -> None:
    assert read(TEXT) == {
        "vllm:num_requests_waiting": Told(7.0, counter=False),
        "requests_total": Told(10, counter=True),
        "latency_sum": Told(5.5, counter=True),
        "latency_count": Told(4, counter=True),
        "size_sum": Told(2, counter=True),
        "size_count": Told(3, counter=True),
        "bare": Told(7, counter=False),
    }


def test_how_much_is_read_is_bounded() -> None:
    assert len(read(b"".join(b"m%d 1\n" % number for number in range(3 * MAX_NAMES)))) == MAX_NAMES
    assert read(b'm{x="1"} 1\n' * (MAX_LINES + 50))["m"].value == MAX_LINES
    assert read(b'm{x="%s"} 1\nn 2\n' % (b"y" * 5000)) == {"n": Told(2, counter=False)}
    assert read(b"m%s 1\n" % (b"n" * 300)) == {}


def test_what_cannot_be_read_ends_it() -> None:
    assert read(b"a 1\n{{{ broken\nb 2\n") == {"a": Told(1, counter=False)}
    assert read(b"\xff\xfe \x00") == {}
    assert read(b"<html>no metrics</html>") == {}


@given(
    st.lists(
        st.sampled_from(
            ["# TYPE a counter", "a{", 'a{b="c"} 1', "a 1 2 3", "a", "# EOF", "{}", '"', "\\", "\n", " ", "é", "1e999"]
        )
    )
)
def test_no_text_breaks_it(pieces: list[str]) -> None:
    read("".join(pieces).encode())


@given(st.binary(max_size=200))
def test_no_bytes_break_it(text: bytes) -> None:
    read(text)


def test_counters_become_what_they_grew_by() -> None:
    growth = Growth()
    assert growth.of({A: read(TEXT)}.items())[A] == {"vllm:num_requests_waiting": 7.0, "bare": 7.0}
    more = {A: {"requests_total": Told(14, counter=True)}, B: {"requests_total": Told(5, counter=True)}}
    assert growth.of(more.items()) == {A: {"requests_total": 4}, B: {}}
    anew = {A: {"requests_total": Told(3, counter=True)}}
    assert growth.of(anew.items()) == {A: {"requests_total": 3}}, "its server began anew"
    assert growth.of(more.items()) == {A: {"requests_total": 11}, B: {}}
