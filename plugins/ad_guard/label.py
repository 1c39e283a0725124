"""Plugin: what each signal is called when people read why."""

from __future__ import annotations

LABELS = {
    "wechat_id": "微信号", "add_wechat": "叫人加微信", "both_wechat": "微信同号", "qq_id": "QQ 号",
    "add_qq": "叫人加 QQ", "group_number": "群号", "group_call": "叫人进群", "telegram": "Telegram",
    "whatsapp": "WhatsApp", "phone": "手机号", "call_phone": "电话", "local_phone": "电话", "landline": "座机",
    "email": "邮箱", "spelled_number": "汉字写的号码", "contact_link": "加人或加群的链接",
    "look_alike_link": "冒充的网址", "short_link": "短链接", "ip_link": "IP 网址", "cheap_link": "可疑网址",
    "link": "网址", "share_token": "淘口令", "qr_code": "图中二维码", "contact_card": "名片",
    "miniprogram": "小程序", "forwarded_record": "转发的聊天记录", "program_file": "安装包",
    "nickname": "昵称像广告", "recruit": "招兼职", "income": "许诺收入", "settled_daily": "日结",
    "brush": "刷单返利", "agency": "招代理", "fans": "涨粉引流", "loan": "贷款套现", "gamble": "博彩",
    "invest": "荐股带单", "finance": "理财", "crypto": "虚拟币", "porn": "色情", "match": "交友",
    "paper": "证件代办", "account": "买卖账号", "cheat": "外挂黑产", "smuggle": "违禁品", "fake_goods": "高仿",
    "coupon": "优惠券返利", "discount": "打折促销", "gift": "送礼", "invitation": "招揽", "hotline": "热线",
    "shop_event": "开业活动", "property": "房产", "health": "减肥医疗", "course": "课程", "fission": "拉新助力",
    "goods": "卖货", "service": "揽活", "insurance": "保险", "recycle": "回收", "live": "直播带货",
    "project": "项目", "trade_word": "生意用语", "bank_account": "银行账号", "english": "英文广告",
    "call": "催人联系", "phishing": "像钓鱼", "qr_invitation": "二维码邀请",
    "first_words": "进群先发这个", "disguise": "遮掩的写法", "newcomer": "新成员", "old_hand": "老成员",
    "answers_question": "在回答问题", "report": "像举报或提醒", "negation": "像劝阻", "question": "像提问",
    "meeting": "像约见面", "delivery": "像快递外卖", "meeting_number": "像会议号", "notice": "像通知",
    "group_order": "像接龙", "introduction": "像自我介绍", "personal": "像熟人说话", "hr": "像正式招聘",
    "lost": "像寻物", "news": "像新闻", "second_hand": "像转让闲置", "code": "像代码", "admin": "管理员",
    "wording": "用语像广告",
}  # fmt: skip


def labelled(name: str, quote: str) -> str:
    """`微信号：加薇 abc12345`."""
    label = LABELS.get(name, name)
    return f"{label}：{quote}" if quote else label
