import pytest


def test_the_zone_that_is_chosen_tells_the_times(browser, reader):
    answer = browser.post("/settings/zone", data={"zone": " Asia/Tokyo "})

    assert (answer.status_code, answer.location) == (303, "/settings?done=zone#zone")
    page = browser.get("/settings").get_data(as_text=True)
    assert "by this clock: <b>Asia/Tokyo</b>" in page
    assert ' Asia/Tokyo">' in page


def test_who_may_only_look_has_a_clock_too(reader):
    assert reader.post("/settings/zone", data={"zone": "UTC"}).status_code == 303


def test_left_empty_it_is_the_browsers_again(browser):
    browser.post("/settings/zone", data={"zone": "Asia/Tokyo"})

    browser.post("/settings/zone", data={"zone": ""})

    assert browser.get_cookie("zone") is None


@pytest.mark.parametrize("name", ["Mars/Base", "../etc/passwd", "<b>", "x" * 9999])
def test_what_is_no_zone_is_told_where_it_was_typed(browser, name):
    answer = browser.post("/settings/zone", data={"zone": name})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "There is no such time zone." in page
    assert 'value="<' not in page
    assert browser.get_cookie("zone") is None
