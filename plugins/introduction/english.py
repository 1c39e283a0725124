"""Plugin: introductions in English: `Hi, I'm Amy from Shenzhen, product manager, looking for developers`.

Precision first: there must be a name the writer gives themselves, a known place or an occupation, and nothing to sell.
"""

from __future__ import annotations

import re

from plugins.introduction.introduction import Introduction
from plugins.introduction.pattern import one_of

_CHINESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
_CUE = re.compile(r"\b(?:i['’]?m|i am|name|this is|call me|here)\b", re.IGNORECASE)
_GREETING = re.compile(
    r"^\W*(?:hi|hello|hey|greetings|good (?:morning|afternoon|evening|day)|nice to meet|glad to|happy to|new here"
    r"|new (?:member|to)|just joined|(?:let me |to )?introduce)\b",
    re.IGNORECASE,
)
_SELLS = re.compile(
    r"https?:|www\.|whats\s?app|telegram|wechat|\bdm me|inbox me|contact|\bprices?\b|discount|\bfree\b|\bcheap"
    r"|wholesale|\bmoq\b|\bsamples?\b|\b(?:we|our)\b|\bhiring\b|loans?\b|\bcredit|crypto|bitcoin|profits?\b"
    r"|\bearn\b|[$€£¥]|\d{6,}|\bclick\b|\border\b|\bpromo|guaranteed",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"\b(?:his|her|their) name|\bmy (?:\w+ )?(?:friend|wife|husband|boss|colleague|son|daughter|brother|sister)\b"
    r"|\bif i\b|\b(?:movie|novel|character|song|joke|said|says|quote|pretend|imagine|kidding|just)\b(?! joined| moved)"
    r"|^\W*[\"“'‘]",
    re.IGNORECASE,
)
_NAME = r"(?-i:[A-Z][a-z]+(?:[ -][A-Z][a-zA-Z'-]+){0,2}|[A-Z]{2,3}\b)"
_NAMED = re.compile(
    rf"\b(?:my name(?: is|'s)|name's|call me|i go by)\s+(?P<told>{_NAME}|[a-z]{{2,12}}\b)"
    rf"|\b(?:i am|i'?m|this is)\s+(?P<said>{_NAME})"
    rf"|^\W*(?:(?:hi|hello|hey)\b[^,.!\n]{{0,12}}[,.!]\s*)?(?P<here>{_NAME}) here\b",
    re.IGNORECASE,
)
_NOT_NAMES = """
    a an the in on at from not new here sorry so also very glad happy looking sure fine good ok okay chinese american
    british english indian korean japanese french german russian canadian australian african european asian italian
    spanish muslim christian hr ceo cto cfo coo pm it ai ui ux vip uk us usa free back done busy ready late going
    working living still really just this that what who nobody god batman santa bond mr ms mrs dr chief senior junior
"""
_NO_NAME = frozenset(_NOT_NAMES.split())
_PLACES = one_of(
    r"""
    mainland\schina china beijing shanghai guangzhou shenzhen hong\skong hongkong macau taiwan taipei tianjin chongqing
    chengdu hangzhou suzhou nanjing wuhan xi'?an qingdao dalian xiamen ningbo yiwu dongguan foshan zhuhai zhongshan
    changsha zhengzhou jinan hefei fuzhou quanzhou kunming guiyang nanning haikou sanya shenyang harbin changchun
    shijiazhuang taiyuan lanzhou xining yinchuan urumqi lhasa wuxi changzhou nantong wenzhou jiaxing shaoxing jinhua
    huizhou shantou guilin dali lijiang yantai weihai singapore malaysia kuala\slumpur thailand bangkok chiang\smai
    vietnam hanoi ho\schi\sminh(?:\scity)? indonesia jakarta bali philippines manila cambodia phnom\spenh japan tokyo
    osaka kyoto korea seoul busan india mumbai delhi bangalore pakistan karachi bangladesh dhaka dubai uae
    saudi\sarabia riyadh turkey istanbul israel tel\saviv egypt cairo nigeria lagos kenya nairobi ghana accra
    south\safrica cape\stown johannesburg ethiopia uk england london manchester scotland edinburgh ireland dublin
    france paris germany berlin munich frankfurt hamburg italy milan rome spain madrid barcelona portugal lisbon
    netherlands amsterdam belgium brussels switzerland zurich geneva austria vienna sweden stockholm norway oslo
    denmark copenhagen finland helsinki poland warsaw czech\srepublic prague hungary budapest greece athens russia
    moscow ukraine kyiv usa america united\sstates new\syork(?:\scity)? nyc los\sangeles san\sfrancisco
    silicon\svalley seattle boston chicago houston austin california texas florida canada toronto vancouver montreal
    mexico mexico\scity brazil sao\spaulo argentina buenos\saires chile peru colombia australia sydney melbourne
    brisbane perth new\szealand auckland
    """
)
_PLACE = re.compile(
    rf"\b(?:from|based in|base in|live in|living in|located in|work(?:ing)? in|studying in|in)\s+(?P<first>{_PLACES})\b"
    rf"|(?:^|[,.!;\n|/])\s*(?P<alone>{_PLACES})(?:[- ]based)?\s*(?=$|[,.!;\n|/])",
    re.IGNORECASE,
)
_DOES = one_of(
    r"""
    engineer developer programmer designer architect manager director teacher tutor professor student founder
    co-?founder entrepreneur consultant lawyer doctor nurse dentist accountant auditor photographer videographer writer
    editor journalist translator interpreter marketer analyst scientist researcher trader buyer merchandiser
    sourcing\sagent sales salesperson recruiter artist illustrator musician chef baker barista coach trainer freelancer
    investor shop\sowner business\sowner ceo cto cfo coo hr producer specialist executive assistant intern pilot driver
    banker broker realtor nutritionist therapist psychologist pharmacist officer
    """
)
_JOB = re.compile(
    rf"(?:^|[,.!;\n|/]|\b(?:a|an|the|as|currently|also|working|freelance(?=\s\w))\s)\s*"
    rf"(?P<job>(?:(?!(?:a|an|the|my|i|i'm|am|as|is|and|from|in|for|of|to|need|looking|with)\b)[a-z/&+.-]+\s){{0,3}}"
    rf"{_DOES})\b(?=\s*(?:$|[,.!;\n|/()]|(?:and|from|at|in|for|based|living|with|of|by|here|who|looking)\b))",
    re.IGNORECASE,
)
_RUNS = re.compile(
    r"\bi(?:'m| am)?\s+(?:also\s+)?(?:run(?:ning)?|own|opened|started|manage)\s+(?:a|an|my own|my|the)\s+"
    r"(?P<job>[a-z&' -]{3,30}?)(?=\s*(?:$|[,.!;\n]|\b(?:in|at|here|and|for)\b))",
    re.IGNORECASE,
)
_FIELD = one_of(
    r"""
    fintech finance banking e-?commerce logistics shipping marketing education trading import/export import\sexport
    import\sand\sexport (?:import|export|trading)\sbusiness foreign\strade manufacturing real\sestate tourism
    hospitality healthcare media advertising gaming software consulting biotech fashion ai
    """
)
_TRADE = re.compile(
    rf"(?:\b(?:in|do|doing)\s+(?:the\s+)?|(?:^|[,.!;\n|/])\s*)(?P<job>{_FIELD})(?:\s+(?:industry|field|business))?"
    r"\s*(?=$|[,.!;\n|/]|and\b|in\b)",
    re.IGNORECASE,
)
_WISHES = {
    "needs": r"(?:looking for|searching for|seeking|in need of|i need|need|(?:want|hope|would (?:like|love)|hoping) to "
    r"(?:find|meet|connect with|know))\s+(?P<what>[^.!;\n,]{2,60})",
    "offers": r"(?:i can|can|happy to|glad to|able to)\s+(?:help(?: (?:you|people))?(?: with)?|offer|provide|share)"
    r"\s+(?P<what>[^.!;\n]{2,60})",
    "hobbies": r"(?:i (?:also )?(?:love|like|enjoy)|hobbies?(?: are| is| include)?:?|interested in|i'm into)\s+"
    r"(?P<what>[^.!;\n]{2,40})",
}
_SAID = {slot: re.compile(rf"\b{pattern}", re.IGNORECASE) for slot, pattern in _WISHES.items()}
_LABELS = {
    "name": "name", "city": "region", "location": "region", "from": "region", "based in": "region", "base": "region",
    "job": "job", "work": "job", "occupation": "job", "profession": "job", "industry": "job", "needs": "needs",
    "need": "needs", "looking for": "needs", "offer": "offers", "offers": "offers", "can offer": "offers",
    "hobby": "hobbies", "hobbies": "hobbies", "interests": "hobbies",
}  # fmt: skip
_LABEL = re.compile(
    rf"(?:^|[\n;,|])\W{{0,10}}(?:my )?(?P<label>{'|'.join(sorted(_LABELS, key=len, reverse=True))})\s*:\s*"
    r"(?P<value>[^\n;|]+)",
    re.IGNORECASE,
)


def may_be_english(text: str) -> bool:
    """A cheap test: a message in another script costs a look at its first letters."""
    return text[:2].isascii() and _CUE.search(text) is not None


def read_english(text: str) -> Introduction | None:
    """The introduction that the whole text is, None when it is anything else."""
    if _CHINESE.search(text):
        return None
    plain = text.replace("’", "'")
    if _SELLS.search(plain) or _TOLD.search(plain):
        return None
    if labelled := _labelled(plain):
        return labelled
    name, region, job = _name_in(plain), _place_in(plain), _job_in(plain)
    if not name or not (region or job):
        return None
    if not (region and job) and ("?" in plain or not _GREETING.search(plain)):
        return None
    wishes = {slot: found["what"].strip() for slot, pattern in _SAID.items() if (found := pattern.search(plain))}
    return Introduction(name=name, region=region, job=job, **wishes)


def _labelled(plain: str) -> Introduction | None:
    values: dict[str, str] = {}
    for found in _LABEL.finditer(plain):
        values.setdefault(_LABELS[found["label"].lower()], found["value"].strip(" ,."))
    if len(values) < 3 or "name" not in values or len(values["name"]) > 30 or not {"region", "job"} & values.keys():
        return None
    return Introduction(**values)


def _name_in(plain: str) -> str:
    for found in _NAMED.finditer(plain):
        name = found["told"] or found["said"] or found["here"]
        words = name.split()
        if not {word.lower() for word in words} & _NO_NAME and not re.fullmatch(_PLACES, name, re.IGNORECASE):
            return name
    return ""


def _place_in(plain: str) -> str:
    found = _PLACE.search(plain)
    return (found["first"] or found["alone"]) if found else ""


def _job_in(plain: str) -> str:
    for pattern in (_JOB, _RUNS, _TRADE):
        if found := pattern.search(plain):
            return found["job"].strip()
    return ""


_MARK = re.compile(r"^(?:(?:correction|sorry|oops|actually)\b[\s,:!.-]*)+", re.IGNORECASE)
_PUT_RIGHT = {
    "name": re.compile(rf"(?i:my name is|my name's|call me) ({_NAME})"),
    "region": re.compile(rf"(?:i'm|i am)?\s*(?:based |living )?(?:in|from) ({_PLACES})(?: now)?", re.IGNORECASE),
    "job": re.compile(rf"(?:i'm|i am) an? ((?:[a-z-]+ ){{0,2}}{_DOES})", re.IGNORECASE),
}


def correct_english(text: str) -> dict[str, str]:
    """The one field that `Sorry, I'm based in Berlin` puts right; empty for anything else."""
    plain = text.replace("’", "'").strip(" .!")
    mark = _MARK.match(plain)
    if mark is None or _SELLS.search(plain) or _TOLD.search(plain):
        return {}
    said = plain[mark.end() :]
    found = {slot: pattern.fullmatch(said) for slot, pattern in _PUT_RIGHT.items()}
    return {slot: match[1] for slot, match in found.items() if match}
