import pytest

from webapp.dashboard.reader import reader_zone


@pytest.mark.parametrize(
    ("cookie", "zone"),
    [
        (None, "UTC"),
        ("zone=Europe/Berlin", "Europe/Berlin"),
        ("zone=America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("zone=Etc/GMT+5", "Etc/GMT+5"),
        ("zone=", "UTC"),
        ("zone=Mars/Base", "UTC"),
        ("zone=../../etc/passwd", "UTC"),
        ("zone=" + "a" * 5000, "UTC"),
    ],
)
def test_the_readers_zone_is_the_one_that_the_browser_told(app, cookie, zone):
    with app.test_request_context(headers={"Cookie": cookie} if cookie else {}):
        assert str(reader_zone()) == zone


def test_where_nobody_reads_the_zone_is_utc():
    assert str(reader_zone()) == "UTC"


def test_pages_tell_times_by_the_readers_clock_and_say_which(browser, add, ran):
    add()
    ran(1, "run-1")
    in_utc = browser.get("/runs").get_data(as_text=True)
    browser.set_cookie("zone", "Asia/Kolkata")

    in_kolkata = browser.get("/runs").get_data(as_text=True)

    assert ' UTC">' in in_utc
    assert ' Asia/Kolkata">' in in_kolkata
    assert ' UTC">' not in in_kolkata
