"""Transport: an imaginary WeChat on this machine, for trying the bot in a browser."""

from bot.transports.sandbox.transport import SandboxTransport

__all__ = ["SandboxTransport"]
