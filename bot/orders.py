"""Engine room: a command that was understood goes to its plugin, one that was not gets a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.actions import Errand, Purpose, SendText
from bot.boundary import Boundary
from bot.commander import Commander, Summons
from bot.commands import answer_in
from bot.errors import CommandError
from bot.events import MessageReceived
from bot.model import Role
from bot.plugin import CommandHandler, Plugin
from bot.policy import Proposal
from bot.storage.work import Work


@dataclass(slots=True, repr=False)
class Orders:
    """Carries out what people with a say ask for."""

    commander: Commander
    boundary: Boundary
    plugins: Sequence[Plugin[Any]]
    _handlers: dict[str, tuple[Plugin[Any], CommandHandler[Any]]] = field(init=False)

    def __post_init__(self) -> None:
        self._handlers = {command.name: (each, handler) for each in self.plugins for command, handler in each.commands}

    async def obey(self, work: Work, event: MessageReceived, summons: Summons, proposals: list[Proposal]) -> None:
        """Do what was understood, or say what was not."""
        if summons.call is not None:
            command = summons.call.command
            plugin, handler = self._handlers[command.name]
            answers: list[Proposal] = []
            await self.boundary.call(work, plugin, handler, summons.call, event, summons.group, answers)
            asked = summons.role >= Role.HELPER
            proposals += [by_request(proposal) if asked else proposal for proposal in answers]
        elif summons.refusal:
            text = summons.refusal if not event.group else f"@{event.sender.name} {summons.refusal}"
            answer = SendText(
                group=event.group or summons.group,
                to="" if event.group else event.sender.id,
                text=text,
                mentions=(event.sender,) if event.group else (),
                purpose=Purpose.REPLY,
            )
            proposals.append(Proposal("help", answer))

    async def understood(self, work: Work, group: str, event: MessageReceived) -> Summons:
        """A command line of somebody outside the chat. Raises CommandError when it is none, or not theirs to give."""
        line, by = event.text, event.sender
        answer = answer_in(line)
        if answer is not None and (summons := await self.commander.answered(work, event, answer, by.role)) is not None:
            return summons
        parsed = self.boundary.room.registry.parse(line)
        if parsed is None or parsed.command is None:
            raise CommandError(f"没有“{line[:20]}”这个命令 (no such command)")
        if by.role < parsed.command.role:
            raise CommandError(f"/{parsed.command.name} 要更高的身份才能用 (not allowed)")
        return Summons(group, call=await self.commander.call(work, group, parsed, event), role=by.role)


def by_request(proposal: Proposal) -> Proposal:
    """What somebody who runs the group asked for; of an errand, its outcome is."""
    action = proposal.action
    return replace(proposal, action=replace(action, asked=True) if isinstance(action, Errand) else action, asked=True)
