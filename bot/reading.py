"""Engine room: the process that reads text in pictures with RapidOCR (`bot.reader` asks it, line by line)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from bot.picture import PictureError, open_small

WIDTH = 720
"""Pictures are scaled to this width first: it takes a second and the text of a poster survives it."""
LONGEST = 2000


def main() -> None:
    """Answer until the questions end. What the library says of itself must not get between the answers."""
    out, sys.stdout = sys.stdout, sys.stderr
    engine: Callable[..., object] | None = None
    for line in sys.stdin:
        try:
            path = Path(json.loads(line)["path"])
            picture = open_small(path, WIDTH)
            if engine is None:
                engine = import_module("rapidocr").RapidOCR()
            answer = {"text": "\n".join(getattr(engine(picture), "txts", None) or ())[:LONGEST]}
        except (PictureError, ImportError, OSError, ValueError, RuntimeError, MemoryError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:200]}
        out.write(json.dumps(answer) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
