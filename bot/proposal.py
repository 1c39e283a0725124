"""Engine room: what a handler yielded, before it is settled."""

from __future__ import annotations

import json

from bot.actions import Action, Declare, Errand, OpenCase, Purpose, SendText, Withdraw
from bot.events import Fact
from bot.policy import Proposal
from bot.storage.outbox import encode


def fit(action: Action) -> Action:
    """The action, if policy and outbox can work with it; else its handler fails here, alone."""
    if not isinstance(action, Action):
        raise TypeError(f"yielded {action!r:.80}, which is no action")
    hash(action)
    if isinstance(action, Declare) and not isinstance(action.fact, Fact):
        raise TypeError(f"declared {action.fact!r:.80}, which is no fact of a plugin")
    if not isinstance(action, OpenCase | Declare | Errand | Withdraw):
        json.dumps(encode(action), ensure_ascii=False).encode()
    return action


def is_answer(proposal: Proposal) -> bool:
    return isinstance(proposal.action, SendText) and proposal.action.purpose is Purpose.REPLY
