"""Test: 200 made pictures with QR codes as people send them, worst cases, and pictures that are nearly the same."""

from __future__ import annotations

import io
from pathlib import Path
from random import Random
from time import process_time

import pytest
import segno
from PIL import Image, ImageDraw, ImageFilter

from bot.picture import difference_hash, qr_codes, see
from plugins.ad_guard.near import sketch_picture

COUNT = 200


def code(target: str, scale: int, error: str = "m") -> Image.Image:
    file = io.BytesIO()
    segno.make(target, error=error, micro=False).save(file, kind="png", scale=scale, border=4)
    return Image.open(file).convert("RGB")


def background(random: Random, width: int, height: int) -> Image.Image:
    """A poster: a colour that changes downwards, boxes, lines of "text", perhaps grain."""
    top, bottom = ([random.randrange(40, 256) for _ in range(3)] for _ in range(2))
    poster = Image.linear_gradient("L").resize((width, height))
    plain = [Image.new("RGB", (width, height), tuple(colour)) for colour in (bottom, top)]
    poster = Image.composite(*plain, poster)
    draw = ImageDraw.Draw(poster)
    for _ in range(random.randrange(3, 9)):
        x, y = random.randrange(width), random.randrange(height)
        colour = tuple(random.randrange(256) for _ in range(3))
        draw.rectangle((x, y, x + random.randrange(30, width // 2), y + random.randrange(10, height // 6)), fill=colour)
    for _ in range(random.randrange(5, 30)):
        x, y, size = random.randrange(width), random.randrange(height), random.randrange(12, 40)
        for place in range(random.randrange(4, 14)):
            if random.random() < 0.8:
                draw.rectangle((x + place * size, y, x + place * size + size * 3 // 4, y + size), fill=(20, 20, 20))
    return poster


def made(number: int) -> tuple[bytes, str]:
    """One picture as JPEG, and what its code says: 20 % of the width or more, rotated, blurred, quality 40."""
    random = Random(number)  # noqa: S311  the same pictures every time
    target = random.choice(
        ["https://u.wechat.com/EKb{}", "https://weixin.qq.com/g/AwYAA{}", "https://qm.qq.com/q/{}", "http://jz{}.top/a"]
    ).format("".join(random.choices("abcdefghijkmnpqrstuvwxyzABCDEFGH23456789", k=random.randrange(8, 22))))
    width = random.choice([540, 720, 828, 1080])
    height = round(width * random.choice([0.75, 1.0, 1.33, 1.78, 2.16]))
    poster = background(random, width, height)
    kind = number % 4
    side = round(width * (0.2 if kind == 0 else random.uniform(0.22, 0.5)))
    mark = code(target, 12).resize((side, side), Image.Resampling.LANCZOS).convert("RGBA")
    if kind in (1, 3):
        mark = mark.rotate(random.uniform(-180, 180), expand=True, resample=Image.Resampling.BICUBIC)
    x = random.randrange(max(1, width - mark.width))
    y = random.randrange(max(1, height - mark.height))
    plate = Image.new("RGBA", mark.size, (255, 255, 255, 255))
    poster.paste(plate, (x, y), mark.getchannel("A").point(lambda value: 255 if value else 0))
    poster.paste(mark, (x, y), mark)
    if kind in (2, 3):
        module = side / (segno.make(target, error="m", micro=False).symbol_size()[0] + 8)
        # Only where it matters: the whole poster takes ten times as long.
        around = (max(0, x - 20), max(0, y - 20), x + mark.width + 20, y + mark.height + 20)
        blurred = poster.crop(around).filter(ImageFilter.GaussianBlur(random.uniform(0.2, 0.6) * module))
        poster.paste(blurred, around[:2])
    file = io.BytesIO()
    poster.save(file, "JPEG", quality=40)
    return file.getvalue(), target


def test_at_least_95_of_100_codes_are_read(tmp_path: Path):
    missed, wrong = [], []
    path = tmp_path / "poster.jpg"
    for number in range(COUNT):
        content, target = made(number)
        path.write_bytes(content)
        read = [signal.detail for signal in qr_codes(path)]
        if target not in read:
            (wrong if read else missed).append(number)
    assert not wrong
    assert len(missed) <= COUNT * 5 // 100, f"{len(missed)} of {COUNT} not read: {missed}"


def test_a_code_in_a_very_long_picture(tmp_path: Path):
    for turned in (False, True):
        poster = background(Random(1), 1080, 9000)  # noqa: S311
        poster.paste(code("https://u.wechat.com/abc", 12).resize((300, 300)), (400, 6100))
        (poster.rotate(90, expand=True) if turned else poster).save(tmp_path / "long.jpg", quality=60)
        assert [signal.detail for signal in qr_codes(tmp_path / "long.jpg")] == ["https://u.wechat.com/abc"]


@pytest.mark.parametrize("module", [2, 3, 5])
def test_a_picture_full_of_half_codes_takes_bounded_time(tmp_path: Path, module: int):
    picture = Image.new("L", (4800, 4800), 255)
    draw = ImageDraw.Draw(picture)
    for y in range(0, 4800 - 8 * module, 8 * module):
        for x in range(0, 4800 - 8 * module, 8 * module):
            for inset, fill in ((0, 0), (1, 255), (2, 0)):
                draw.rectangle(
                    (
                        x + inset * module,
                        y + inset * module,
                        x + (7 - inset) * module - 1,
                        y + (7 - inset) * module - 1,
                    ),
                    fill=fill,
                )
    for number, side in enumerate((4800, 1280, 1920)):
        path = tmp_path / f"{number}.png"
        picture.crop((0, 0, side, side)).save(path)
        began = process_time()
        see(path)
        assert process_time() - began < 2.0


def hash_of(picture: Image.Image) -> str:
    return difference_hash(picture.convert("L"))


def test_the_same_picture_saved_and_scaled_anew_is_nearly_the_same():
    random = Random(5)  # noqa: S311
    posters = [background(random, 800, 1000) for _ in range(30)]
    for poster in posters:
        file = io.BytesIO()
        poster.resize((500, 625)).save(file, "JPEG", quality=40)
        again = Image.open(file)
        assert sketch_picture(hash_of(poster)).like(sketch_picture(hash_of(again))) > 0.9
    different = [
        sketch_picture(hash_of(one)).like(sketch_picture(hash_of(other)))
        for number, one in enumerate(posters)
        for other in posters[:number]
    ]
    assert sum(like > 0 for like in different) <= len(different) // 100


def test_a_plain_picture_is_like_no_other():
    assert hash_of(Image.new("L", (100, 100), 255)) == ""
