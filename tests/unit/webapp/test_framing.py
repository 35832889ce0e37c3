"""Where a request ends, however it arrives."""

import pytest

from webapp.framing import MAX_BODY, MAX_CHUNKED, MAX_HEAD, Framing, TooLarge

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: Chunked\r\n\r\n"

WHOLE = {
    "no body": GET,
    "a length": POST + b"content-length: 5\r\n\r\n12345",
    "no length": POST + b"Content-Length: 0\r\n\r\n",
    "a blank line in the body": POST + b"Content-Length: 6\r\n\r\n1\r\n\r\n2",
    "chunks": CHUNKED + b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
    "blank lines in chunks": CHUNKED + b"7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n",
    "trailers": CHUNKED + b"1\r\na\r\n0\r\nX: y\r\nZ: z\r\n\r\n",
}
UNCLEAR = {
    "two lengths": POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
    "a list of lengths": POST + b"Content-Length: 5, 5\r\n\r\n",
    "a negative length": POST + b"Content-Length: -5\r\n\r\n",
    "a length and chunks": (
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    ),
    "chunks and something": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
    "too long a body": POST + b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1),
    "bare line feeds": b"GET / HTTP/1.1\nHost: x\n\n",
}


@pytest.mark.parametrize("request_", WHOLE.values(), ids=WHOLE)
def test_the_end_is_found_and_what_follows_is_left_alone(request_):
    framing = Framing()

    assert framing.length(bytearray(request_ + GET)) == len(request_)
    assert framing.is_whole


@pytest.mark.parametrize("request_", WHOLE.values(), ids=WHOLE)
def test_it_is_found_also_when_it_comes_byte_by_byte(request_):
    framing, arrived, ends = Framing(), bytearray(), []

    for byte in request_:
        arrived.append(byte)
        ends.append(framing.length(arrived))

    assert ends == [None] * (len(request_) - 1) + [len(request_)]


@pytest.mark.parametrize("head", UNCLEAR.values(), ids=UNCLEAR)
def test_what_is_unclear_goes_on_at_once_and_ends_its_connection(head):
    framing = Framing()

    assert framing.length(bytearray(head + b"12345")) == len(head)
    assert not framing.is_whole


@pytest.mark.parametrize("size", [b"", b"-1", b"0x1", b"g", b"1 1", b"f" * 16])
def test_a_chunk_without_a_size_goes_on_at_once_too(size):
    framing, arrived = Framing(), bytearray(CHUNKED + size + b"\r\nabc")

    assert framing.length(arrived) == len(arrived)
    assert not framing.is_whole


@pytest.mark.parametrize(
    ("arrived", "status"),
    [
        (b"GET /" + b"a" * MAX_HEAD, 414),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * MAX_HEAD, 431),
        (b"GET / HTTP/1.1\r\na: " + b"b" * MAX_HEAD + b"\r\n\r\n", 431),
        (CHUNKED + b"1\r\na\r\n" * MAX_CHUNKED, 413),
        (CHUNKED + b"ffffff\r\n" + b"a" * (MAX_CHUNKED + 1), 413),
        (CHUNKED + b"0\r\n" + b"a: b\r\n" * MAX_CHUNKED, 413),
    ],
)
def test_nothing_is_taken_in_without_end(arrived, status):
    with pytest.raises(TooLarge) as refused:
        Framing().length(bytearray(arrived))

    assert refused.value.status == status


def test_who_waits_to_be_told_is_noticed():
    framing = Framing()

    framing.length(
        bytearray(POST + b"Content-Length: 1\r\nExpect: 100-Continue\r\n\r\n")
    )

    assert framing.waits_for_continue
