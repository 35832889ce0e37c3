"""Where a model is."""

from mailbeat.labeling.llm.model import MOST_SHOWN, Model


def test_the_address_of_an_endpoint_may_end_in_a_slash():
    assert Model("http://[::1]:11434/v1/", "m").url == (
        "http://[::1]:11434/v1/chat/completions"
    )


def test_the_port_is_that_of_the_scheme_where_none_is_said():
    assert (Model("https://llm.example.org/v1", "m").port) == 443
    assert (Model("http://llm.example.org/v1", "m").port) == 80
    assert (Model("http://[::1]:11434/v1", "m").host) == "::1"


def test_a_key_shows_in_no_representation():
    assert "hidden" not in repr(Model("https://llm.example.org", "m", "hidden"))


def test_a_long_name_is_cut_where_people_read_it():
    assert len(Model("https://llm.example.org", "m" * 200).shown) == MOST_SHOWN
