"""What every carrier looks like to the rest of the product."""

from collections.abc import AsyncIterator
from typing import Protocol

from models.call import CallEvent, DialRequest


class CallLeg(Protocol):
    """One call in progress, as the carrier reports it. The audio takes its own way, to the media gateway."""

    def events(self) -> AsyncIterator[CallEvent]:
        """Ringing, answered, ended, in order; CallEnded is always the last and always comes."""
        ...

    async def hang_up(self) -> None:
        """End the call; harmless when it has ended."""
        ...


class CallGateway(Protocol):
    name: str
    rings_people: bool
    """Whether a person's telephone rings: then their consent and their country's limits count."""

    async def dial(self, request: DialRequest) -> CallLeg:
        """Place a call. Raises CarrierUnreachable when the carrier does not take it."""
        ...
