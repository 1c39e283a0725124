"""Check a draw yourself:  python3 verify_lottery.py PROOF     (自己重算抽奖结果，只需要 Python)

Send /证明 L3 in the group, save the bot's answer in a file, its messages in order, and run this. It shows that
1. the seed is the one whose fingerprint (SHA-256) was posted before anybody entered,
2. the list of entrants is the one whose fingerprint was posted with the result, in order of arrival,
3. everybody's lot is HMAC-SHA256(seed, "L3|code"), and the lowest lots won, best prize first.
Compare both fingerprints with those in the chat: a false proof may fit itself, but not what everybody saw.
It does not show that nobody was invented or left out: look for your name, and for names that nobody knows.
"""

import hashlib
import hmac
import json
import pathlib
import sys

text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
p = json.loads(text[text.index("{") : text.rindex("}") + 1])
names, wrong = dict(p["entrants"]), []
if hashlib.sha256(p["seed"].encode()).hexdigest() != p["commitment"]:
    wrong.append("✗ 种子不是开始时公布的那个 (not the seed announced at the start)")
line = json.dumps(p["entrants"], ensure_ascii=False, separators=(",", ":"))
if hashlib.sha256(line.encode()).hexdigest() != p["entrants_sha256"] or len(names) != len(p["entrants"]):
    wrong.append("✗ 名单被改过 (the list was changed)")
lot = {code: hmac.digest(p["seed"].encode(), f"{p['lottery']}|{code}".encode(), "sha256") for code in names}
order = sorted(names.keys() - p["excluded"].keys(), key=lambda code: lot[code])
places = [tier for tier, (prize, stock) in enumerate(p["tiers"]) for _ in range(stock)]
held = [[tier, code] for tier, code in zip(places, order)]  # noqa: B905
if held != p["winners"]:
    wrong.append("✗ 中奖者不是算出来的这些 (the winners do not follow)")
order = order[len(held) :]
for again in p["redraws"]:  # a place given again goes to the next in the same order
    heirs = [code for code in order if code not in again["excluded"]][: len(again["replaced"])]
    if heirs != [new for tier, old, new in again["replaced"]]:
        wrong.append("✗ 重抽跳过了人 (a redraw passed somebody over)")
    order = [code for code in order if code not in heirs]
    held = [h for h in held if h not in [r[:2] for r in again["replaced"]]] + [[t, n] for t, _, n in again["replaced"]]
sys.stdout.write("".join(f"{p['tiers'][tier][0]}：{names.get(code, '?')}\n" for tier, code in sorted(held)))
sys.stdout.write(f"种子指纹 {p['commitment']}\n名单指纹 {p['entrants_sha256']}\n")
sys.exit("\n".join(wrong) or print("✓ 相符 (it follows)"))  # noqa: T201
