"""Path parameters: one spelling per value."""

import pytest

PLAIN = ["0", "1", "10", "2147483647", "9999999999", "9" * 19]
OTHERS = [
    "٣",
    "５",
    "३",
    "๓",
    "²",
    "Ⅷ",
    "1٣",
    "01",
    "00",
    "007",
    "-1",
    "+1",
    "1.0",
    "1e3",
    "0x1",
    "1_0",
]
OTHERS += [" 1", "1 ", "%201", "%2b1", "1%00", "१२"]


@pytest.mark.parametrize("digits", PLAIN)
def test_ascii_digits_are_an_id(probe, digits):
    assert probe.get(f"/probe/items/{digits}/").json == {"value": int(digits)}


@pytest.mark.parametrize("text", OTHERS)
def test_every_other_spelling_names_nothing(probe, text):
    assert probe.get(f"/probe/items/{text}/").status_code in {400, 404}


@pytest.mark.parametrize("length", [100, 400, 5000])
def test_a_number_of_any_length_is_an_id_beyond_every_other(probe_app, length):
    urls = probe_app.url_map.bind("")
    _, values = urls.match(f"/probe/items/1{'0' * (length - 1)}/")
    assert values["item_id"] >= 10**98


def test_the_document_calls_it_an_integer(probe):
    path = probe.get("/api/openapi.json").json["paths"]["/probe/items/{item_id}/"]
    assert path["parameters"][0]["schema"]["type"] == "integer"
