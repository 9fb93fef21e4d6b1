import pytest

from stoker.decisions.policies import POLICIES, parse
from stoker.decisions.policies.hugging_face import HuggingFaceOptions, Measure
from stoker.decisions.policies.knative import KnativeOptions
from stoker.decisions.policies.split import SplitOptions
from stoker.errors import InvalidParameterError
from stoker.units import MILLISECOND, MINUTE, SECOND


@pytest.mark.parametrize("name", POLICIES)
def test_a_name_alone_is_the_preset(name: str) -> None:
    assert parse(name).options == parse(f" {name}( ) ").options == POLICIES[name]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("split(first=600s, further=60s)", SplitOptions(first=600 * SECOND, further=60 * SECOND)),
        ("split( first = 1.5m ,further=0,)", SplitOptions(first=90 * SECOND, further=0)),
        ("split(concurrency=8)", SplitOptions(concurrency=8)),
        ("split concurrency=8", SplitOptions(concurrency=8)),
        ("  hf-current  measure=pending\tidle=15m ", HuggingFaceOptions(measure=Measure.PENDING, idle=15 * MINUTE)),
        ("knative(utilization=80%, tick=500ms)", KnativeOptions(utilization=0.8, tick=500 * MILLISECOND)),
        ("hf-current(measure=pending, idle=15m)", HuggingFaceOptions(measure=Measure.PENDING, idle=15 * MINUTE)),
        ("hf-current(count_starting=true)", HuggingFaceOptions(count_starting=True)),
    ],
)
def test_options_stand_in_place_of_the_preset_s(text: str, options: object) -> None:
    assert parse(text).options == options


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'' is no policy; one looks like split(first=600s, further=60s)."),
        ("split(first=600s", "is no policy"),
        ("split (first=600s", "is no policy"),
        ("Split", "is no policy"),
        ("split first =1s", "'first' in 'split first =1s' is no option; one looks like key=value."),
        ("split first=1s,further=1s", "The option first of the policy split must be a span with its unit"),
        ("split furst=1s", "The policy split has no option 'furst'"),
        ("slit", "There is no policy 'slit'; there are split, keep-alive, knative, ray, keda, keda-http, hf-2023, hf-current."),
        ("split(furst=1s)", "The policy split has no option 'furst'; it has first, further, concurrency."),
        ("split(first)", "'first' in 'split(first)' is no option; one looks like key=value."),
        ("split(first=1s, first=2s)", "The option first is given twice in 'split(first=1s, first=2s)'."),
        ("split(first=600)", "The option first of the policy split must be a span with its unit, such as 600s, not '600'."),
        ("split(first=-1s)", "must be a span with its unit"),
        ("split(first=8d)", "The option first of the policy split is out of range: Expected a span <= 604800 s."),
        ("split(concurrency=0)", "The option concurrency of the policy split is out of range: Expected `float` > 0.0."),
        ("split(concurrency=1s)", "must be a number, not '1s'"),
        ("keda(up_copies=1.5)", "The option up_copies of the policy keda is out of range"),
        ("hf-current(measure=cpu)", "must be utilisation or pending, not 'cpu'"),
        ("hf-current(count_starting=1)", "must be true or false, not '1'"),
        ("split" + "x" * 300, "A policy has at most 256 characters, not 305."),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(InvalidParameterError) as refused:
        parse(text)
    assert said in refused.value.message
    assert refused.value.field
