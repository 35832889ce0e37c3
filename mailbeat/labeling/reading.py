"""One message as the layers see it: what was found out is found out once."""

from functools import cached_property

from mailbeat.labeling.signs import Signs, read_signs
from mailbeat.labeling.weighing import Facts, weigh
from mailbeat.mail.message import Message


class Reading:
    """A message with what several layers ask about it, worked out when it is asked."""

    def __init__(self, message: Message) -> None:
        self.message = message

    @cached_property
    def signs(self) -> Signs:
        return read_signs(self.message)

    @cached_property
    def facts(self) -> Facts:
        return weigh(self.message, self.signs)

    @property
    def doubt(self) -> str:
        """What speaks against believing the sender, as the end of a sentence."""
        return self.signs.distrust or self.facts.pressure
