"""Reading the frames of `/ws/status`, and what is asked there: against the schema."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).parents[1] / "webapp" / "live" / "schema.json"
_schema = json.loads(SCHEMA.read_text())
# One for each type: "oneOf" would only say that none of them fits.
_validators = {
    kind["$ref"].rpartition("/")[2]: Draft202012Validator(_schema | {"oneOf": [kind]})
    for kind in _schema["oneOf"]
}

_question = Draft202012Validator(
    _schema | {"oneOf": [{"$ref": "#/$defs/client_message"}]}
)


def is_question(message):
    """Whether the schema allows a client to send this."""
    return _question.is_valid(message)


def check(message):
    """Return a message of the server, if it is one that the schema allows."""
    _validators[message["type"]].validate(message)
    return message


def split(data):
    """The messages of what the server wrote, and the codes of its Close frames.

    A server's frame is not masked, so that its payload can be read as it is.
    """
    messages, closes = [], []
    while data:
        opcode, size, start = data[0] & 0x0F, data[1], 2
        if size == 126:
            size, start = int.from_bytes(data[2:4]), 4
        elif size == 127:
            size, start = int.from_bytes(data[2:10]), 10
        payload, data = data[start : start + size], data[start + size :]
        if opcode == 1:
            messages.append(check(json.loads(payload)))
        elif opcode == 8:
            closes.append(int.from_bytes(payload[:2]))
    return messages, closes
