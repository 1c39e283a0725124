"""Test: the two containers of compose.yaml, built and started as a deployer does, and the red-packet story in them.

    make image-test                                  with docker compose
    COMPOSE="podman-compose" make image-test         with another one

Needs a container engine and the network (packages are fetched), so it is no part of `make test`. Nothing of it stays.
"""

from __future__ import annotations

import json
import os
import secrets
import select
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = [
    *shlex.split(os.environ.get("COMPOSE", "docker compose")),
    "-p", "shequn-image-test", "-f", "compose.yaml", "-f", "tests/image/compose.yaml", "--profile", "wechaty",
]  # fmt: skip
PORT = os.environ.get("BOT_PORT", "18081")
GROUP, OWNER, GUILTY, SORRY = "10000000001@chatroom", "wxid_owner", "wxid_m07", "wxid_m08"
MOMENT = 0.5
AD = "兼职刷单日赚500，加V：zz998877"
ASK = """
const [path, body] = JSON.parse(process.argv[1])
const options = body === null ? {} : { method: 'POST', body: JSON.stringify(body) }
fetch('http://127.0.0.1:18789' + path, options).then(r => r.text()).then(t => console.log(t))
"""


def compose(*arguments: str, quiet: bool = False) -> str:
    done = subprocess.run(
        [*COMPOSE, *arguments], cwd=ROOT, text=True, stdout=subprocess.PIPE if quiet else None, check=True
    )
    return done.stdout or ""


def ask(path: str, body: dict[str, Any] | None = None) -> Any:
    """The control port of the scripted world, which only the gateway's container can reach."""
    told = compose("exec", "-T", "gateway", "node", "-e", ASK, json.dumps([path, body]), quiet=True)
    return json.loads(told.strip().splitlines()[-1])


def say(talker: str, text: str, **more: str) -> None:
    ask("/event/message", {"roomId": GROUP, "talkerId": talker, "text": text, **more})


def until(what: str, look: Callable[[], Any], within: float = 60) -> Any:
    end = time.monotonic() + within
    while time.monotonic() < end:
        if found := look():
            sys.stdout.write(f"✓ {what}\n")
            sys.stdout.flush()
            return found
        select.select([], [], [], MOMENT)
    raise SystemExit(f"✗ {what}: not within {within:.0f} s")


def ready() -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (HTTPError, OSError):
        return False


def done(method: str, **wanted: str) -> bool:
    """Whether the bot has asked the gateway for this."""
    return any(
        all(part in str(action["args"].get(key)) for key, part in wanted.items())
        for action in ask(f"/actions?method={method}")["actions"]
    )


def play() -> None:
    until("both containers are up, the bot is ready", ready, within=120)
    say(GUILTY, AD)
    until("an ad is answered with the red-packet rule", lambda: done("messageSendText", text="红包"))
    until("who sends none is removed", lambda: done("roomDel", contactId=GUILTY))
    say(SORRY, AD.replace("zz", "qq"))
    until("the next one is warned too", lambda: done("messageSendText", text="成员8"))
    say(SORRY, "", type="red-envelope")
    until("who sends one is thanked", lambda: done("messageSendText", text="收到红包"))
    compose("restart", "bot")
    until("the bot is ready again after a restart", ready, within=60)
    say(OWNER, "/案件")
    until("and still knows the case", lambda: done("messageSendText", text="W1"))
    if done("roomDel", contactId=SORRY):
        raise SystemExit("✗ who sent a red packet was removed all the same")


def main() -> None:
    token = ROOT / "secrets" / "image_test_token"
    token.parent.mkdir(mode=0o700, exist_ok=True)
    token.write_text(secrets.token_hex(16))
    token.chmod(0o644)
    os.environ.update(GATEWAY_TOKEN_FILE=str(token.relative_to(ROOT)), BOT_PORT=PORT)
    try:
        if "--no-build" not in sys.argv:
            compose("build", "bot", "gateway")
        compose("up", "-d", "--no-build", "bot", "gateway")
        play()
    except BaseException:
        compose("logs", "bot", "gateway")
        raise
    finally:
        compose("down", "-v")
        token.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
