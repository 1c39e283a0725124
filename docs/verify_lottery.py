"""Check a draw yourself:  python3 verify_lottery.py L3.json   (自己重算抽奖，只需要 Python；说明见 verify_lottery.md)

Compare what it prints with the chat: a false proof may fit itself, but not what everybody saw.
"""

import hashlib
import hmac
import json
import pathlib
import sys

file = sys.argv[1] if len(sys.argv) > 1 else sys.exit("用法 (usage)：python3 verify_lottery.py L3.json")
text = pathlib.Path(file).read_text(encoding="utf-8")
p = json.loads(text[text.index("{") : text.rindex("}") + 1])
names, tickets, wrong = {e[0]: e[1] for e in p["entrants"]}, {e[0]: (*e[2:], 1)[0] for e in p["entrants"]}, []
if hashlib.sha256(p["seed"].encode()).hexdigest() != p["commitment"]:
    wrong.append("✗ 种子不是开始时公布的那个 (not the seed announced at the start)")
line = json.dumps(p["entrants"], ensure_ascii=False, separators=(",", ":"))
if hashlib.sha256(line.encode()).hexdigest() != p["entrants_sha256"] or len(names) != len(p["entrants"]):
    wrong.append("✗ 名单被改过 (the list was changed)")
key = (p["seed"] + "|" + p["outside"] if p.get("outside") else p["seed"]).encode()
lots = {c: [f"{p['lottery']}|{c}"] + [f"{p['lottery']}|{c}|{n}" for n in range(2, tickets[c] + 1)] for c in names}
lowest = {c: min(hmac.digest(key, lot.encode(), "sha256") for lot in mine) for c, mine in lots.items()}
order = sorted(names.keys() - p["excluded"].keys(), key=lambda code: lowest[code])
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
sys.stdout.write("".join(f"{p['tiers'][tier][0]}：{names.get(code) or '?'}\n" for tier, code in sorted(held)))
rest = f"其余每人：{p['everyone']}\n" if p.get("everyone") else ""
rest += f"公开数字：{p['outside']}\n" if p.get("outside") else ""
sys.stdout.write(f"{rest}种子指纹 {p['commitment']}\n名单指纹 {p['entrants_sha256']}\n")
sys.exit("\n".join(wrong) or print("✓ 相符 (it follows)"))  # noqa: T201
