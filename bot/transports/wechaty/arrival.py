"""Transport: what comes over the event stream, by name and with its payload."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from bot.transports.wechaty import tidy
from bot.transports.wechaty.shim import EventResponse

log = logging.getLogger(__name__)

EVENT_NAMES = {
    1: "heartbeat",
    2: "message",
    3: "dong",
    4: "post",
    16: "error",
    17: "friendship",
    18: "room-invite",
    19: "room-join",
    20: "room-leave",
    21: "room-topic",
    22: "scan",
    23: "ready",
    24: "reset",
    25: "login",
    26: "logout",
    27: "dirty",
}
CONNECTED, LOST = "connected", "lost"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came from the gateway; `connected` and `lost` are our own, `lost` with a `reason`."""

    name: str
    payload: dict[str, object] = field(default_factory=dict)


def read_arrival(response: EventResponse) -> Arrival | None:
    """None, and a line in the log, for what cannot be read."""
    name = EVENT_NAMES.get(int(response.type))
    payload = tidy.payload_of(response.payload)
    if name is None or payload is None:
        log.warning("event %s cannot be read: %r", response.type, response.payload[:200])
        return None
    return Arrival(name, payload)
