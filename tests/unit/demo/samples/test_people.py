from mailbeat.demo.samples.people import people, person


def test_everybody_has_an_address_of_a_reserved_domain_and_no_two_the_same():
    addresses = [one.address for one in people(100)]

    assert len(set(addresses)) == 100
    assert {a.partition("@")[2] for a in addresses} == {
        "example.org",
        "example.net",
        "example.com",
    }


def test_the_first_four_read_four_languages():
    assert [one.language for one in people(4)] == ["en", "de", "fr", "es"]


def test_a_person_is_found_again_by_the_address():
    assert [person(one.address) for one in people(40)] == people(40)


def test_a_stranger_is_an_english_reader():
    assert person("new.friend@example.org").name == "New Friend"
