"""Test: introductions in English are understood; other English talk, ads and jokes are not taken for one."""

from __future__ import annotations

import pytest

from plugins.introduction.recognise import recognise

INTRODUCED = [
    ("Hi I'm Amy from Shenzhen, product manager, looking for developers", "Amy", "Shenzhen", "product manager"),
    ("Hello everyone, my name is David Chen, I'm a software engineer based in Shanghai. Happy to help with Python.",
     "David Chen", "Shanghai", "software engineer"),
    ("Hi all, this is Tom, living in Beijing, I run a coffee shop", "Tom", "Beijing", "coffee shop"),
    ("Name: Lucy Liu\nCity: Hangzhou\nJob: UX designer\nLooking for: freelance projects", "Lucy Liu", "Hangzhou",
     "UX designer"),
    ("hi guys, Mike here, Guangzhou, export business, need a freight forwarder", "Mike", "Guangzhou",
     "export business"),
    ("Hello 👋 I’m Anna, a teacher from London", "Anna", "London", "teacher"),
    ("Good evening! I am Omar from Dubai, working in logistics", "Omar", "Dubai", "logistics"),
    ("Hey, call me Kevin. Based in Hong Kong, working as a data analyst.", "Kevin", "Hong Kong", "data analyst"),
    ("I'm Sofia, photographer from Barcelona", "Sofia", "Barcelona", "photographer"),
    ("Hi everyone, my name is priya, I am a student in Wuhan", "priya", "Wuhan", "student"),
    ("Hello! I'm John from New York", "John", "New York", ""),
    ("Just joined. I'm Mei Lin, co-founder of a small studio in Chengdu, I love hiking", "Mei Lin", "Chengdu",
     "co-founder"),
    ("Hi, I'm Ben, marketing manager at a startup, Shanghai. Would love to meet designers", "Ben", "Shanghai",
     "marketing manager"),
    ("Hi there, I'm Yuki, I own a small bakery in Osaka, hobbies: cycling, jazz", "Yuki", "Osaka", "small bakery"),
]  # fmt: skip
ORDINARY = """
Hi, I'm looking for a designer
I'm from Shenzhen
I'm a teacher from London
I'm in Shanghai now, anyone wants to have dinner?
My name is Bond, James Bond
Hello everyone
Hi, I'm Tom
I'm OK, thanks
I'm Chinese, not Japanese
Hello, I am Sarah from ABC Logistics, we offer the best price to USA, contact WhatsApp +1234567
Hi, this is Jack from Shanghai Huaxin Trading, our factory produces LED lights
Hi I'm Linda from Shenzhen, supplier, MOQ 100 pcs
Hi dear, I'm Coco from Yiwu, wholesale bags, dm me
Hi, I'm Lisa from London, a crypto trader, I earn 5000 a day
My friend is Amy from Shenzhen, product manager
If I say I'm Amy from Shenzhen, product manager, would you believe it?
His name is David, an engineer from Beijing
This is Shanghai, not Beijing
This is Amazing, I love it
Is anyone here from Guangzhou?
I'm in the office in Beijing
I'm just kidding
The teacher here is from London
here is the link to the engineer test
Call me when you are in Beijing
call me later, I'm in Shanghai
My name is on the list
I'm at Pudong airport, the driver is late
In the movie he says hi I'm Neo, an engineer from Boston
I'm new here
Hi Amy, nice to meet you
Hi, is David here? The engineer from Shanghai needs him
What is your name?
I am Iron Man, engineer from New York, just kidding
hi, this is great, from Beijing to Shanghai in 4 hours
I'm Not Sure about the meeting in Beijing, teacher
"Hi I'm Amy from Shenzhen, product manager"
Name: test
We are hiring: product manager, Shenzhen. I'm Amy from HR
I'm going to Tokyo next week as a student
""".strip().split("\n")


@pytest.mark.parametrize(("said", "name", "region", "job"), INTRODUCED)
def test_understood(said: str, name: str, region: str, job: str) -> None:
    found = recognise(said)
    assert found is not None
    assert (found.name, found.region, found.job) == (name, region, job)


@pytest.mark.parametrize("said", ORDINARY)
def test_anything_else_is_none(said: str) -> None:
    assert recognise(said) is None


def test_wishes_are_kept() -> None:
    found = recognise(INTRODUCED[0][0])
    assert found is not None
    assert found.needs == "developers"
    found = recognise(INTRODUCED[1][0])
    assert found is not None
    assert found.offers == "Python"
