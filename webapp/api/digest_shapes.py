"""The JSON of digests: what comes in, what goes out, and how it is built."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from mailbeat.db.digests import Frequency, NewDigest
from mailbeat.db.models import DigestSubscription
from mailbeat.digest.letter import Letter
from mailbeat.language import ENGLISH, LANGUAGES
from mailbeat.notify.smtp import is_mail_address
from webapp.api.answers import Answer, Id, Time, WholeList
from webapp.api.schemas import Id as KnownId
from webapp.api.schemas import Strict, Zone, iso, iso_or_none, whole

# As it may stand in a letter's head; others than `is_mail_address` knows are too odd.
ADDRESS = r"^[0-9A-Za-z._'+-]{1,64}@[0-9A-Za-z][0-9A-Za-z.-]{0,180}[0-9A-Za-z]$"
LAST_HOUR = 23


def _is_spoken(language: str) -> str:
    if language not in LANGUAGES:
        raise ValueError(f"is one of {', '.join(LANGUAGES)}")
    return language


Language = Annotated[
    str, AfterValidator(_is_spoken), WithJsonSchema({"enum": list(LANGUAGES)})
]


def _mail_address(text: str) -> str:
    if not is_mail_address(text):
        raise ValueError("is no mail address")
    return text


class DigestWanted(Strict):
    """Who gets a letter, how often, at which hour of their clock, about what."""

    # The pattern first: after a function it would be in no description.
    address: Annotated[str, Field(pattern=ADDRESS), AfterValidator(_mail_address)]
    frequency: Annotated[Frequency, Field(description="`weekly` is on Mondays.")]
    hour: Annotated[int, Field(ge=0, le=LAST_HOUR), BeforeValidator(whole)] = 7
    zone: Zone = "UTC"
    account_id: KnownId | None = Field(None, description="Null: all accounts.")
    language: Language = ENGLISH

    def as_new(self) -> NewDigest:
        return NewDigest(
            self.address,
            self.frequency,
            self.account_id,
            self.zone,
            self.hour,
            self.language,
        )


class DigestTold(Answer):
    id: Id
    address: str
    frequency: Frequency
    hour: Annotated[int, Field(ge=0, le=LAST_HOUR)]
    zone: str
    account_id: Id | None
    language: str
    next_at: Time
    last_sent_at: Time | None
    created_at: Time
    created_by: str


class Digests(WholeList):
    items: list[DigestTold]


class DigestPreview(Answer):
    """What such a letter says at this moment. `html` may be shown in a sandbox only."""

    title: str
    text: str
    html: str


class DigestSent(Answer):
    """It is on its way; `GET /api/alerts/deliveries` tells whether it arrived."""

    message_id: str


def digest_json(one: DigestSubscription) -> dict[str, Any]:
    return {
        "id": one.id,
        "address": one.address,
        "frequency": one.frequency,
        "hour": one.hour,
        "zone": one.zone,
        "account_id": one.account_id,
        "language": one.language,
        "next_at": iso(one.next_at),
        "last_sent_at": iso_or_none(one.last_sent_at),
        "created_at": iso(one.created_at),
        "created_by": one.created_by,
    }


def preview_json(letter: Letter) -> dict[str, Any]:
    return {"title": letter.title, "text": letter.text, "html": letter.html}
