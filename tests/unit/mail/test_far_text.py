"""The text that lies further down than what was read."""

from dataclasses import replace

from mailbeat.mail.far_text import STRUCTURE, with_far_text
from tests.factories import make_message

PLAIN = (b"text", b"plain", (b"charset", b"utf-8"), None, None, b"7bit", 99, 3)
PDF = (b"application", b"pdf", None, None, None, b"base64", 9_999, None, None)


def lacking(uid):
    return replace(make_message(uid, text=""), needs_text_part=True)


class Server:
    def __init__(self, structures, text=b"Here it is, at last."):
        self.structures = structures
        self.text = text
        self.asked = []

    def __call__(self, asked):
        self.asked.append(dict(asked))
        return {
            uid: {b"UID": uid, b"BODYSTRUCTURE": self.structures[uid]}
            if items == STRUCTURE
            else {b"UID": uid, b"BODY[%d]<0>" % uid: self.text}
            for items, uids in asked.items()
            for uid in uids
            if uid in self.structures
        }


def test_messages_with_a_text_are_left_as_they_are():
    messages = [make_message(1), make_message(2)]

    assert with_far_text(messages, Server({})) == messages


def test_the_text_is_asked_for_where_it_is():
    server = Server({1: PLAIN, 3: (PDF, PLAIN, b"mixed"), 4: PLAIN})

    found = with_far_text([lacking(1), make_message(2), lacking(3), lacking(4)], server)

    assert [one.uid for one in found] == [1, 2, 3, 4]
    assert [one.text for one in found] == [
        "Here it is, at last.",
        "A text.",
        "Here it is, at last.",
        "Here it is, at last.",
    ]
    assert server.asked == [
        {STRUCTURE: [1, 3, 4]},
        {
            b"(UID BODY.PEEK[1]<0.65536>)": [1, 4],
            b"(UID BODY.PEEK[2]<0.65536>)": [3],
        },
    ]


def test_what_has_no_text_or_is_gone_stays_without():
    server = Server({1: PDF})

    found = with_far_text([lacking(1), lacking(2)], server)

    assert [one.text for one in found] == ["", ""]
    assert len(server.asked) == 1


def test_many_are_asked_for_some_at_a_time():
    messages = [lacking(uid) for uid in range(1, 121)]
    server = Server(dict.fromkeys(range(1, 121), PLAIN))

    found = with_far_text(messages, server)

    assert {one.text for one in found} == {"Here it is, at last."}
    assert [sum(map(len, one.values())) for one in server.asked] == [50, 50] * 2 + [
        20,
        20,
    ]
