"""Transport: a chat written as text (`.chat`), played to the bot in virtual time."""
