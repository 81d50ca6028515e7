"""Made-up sections of text that are unlike each other, and copies of them as agencies make them."""

from random import Random

from rapidfuzz import fuzz

_WHO = ("办公室", "执法大队", "各业务股室", "驻村工作队", "分管领导", "信息员", "窗口人员", "法律顾问", "宣传干事", "财务人员", "档案室", "技术科",
        "志愿者", "网格员", "评审专家", "值班人员", "老干部", "青年突击队", "联络员", "督查组")  # fmt: skip
_WHAT = ("低保名单", "征地补偿方案", "预算说明", "行政许可事项", "处罚结果", "采购合同", "环评报告", "学区划分图", "药品抽检结果", "水质监测数据",
         "公交线路调整", "危房改造进度", "安全生产提示", "惠企政策", "招聘公告", "防汛预案", "农机补贴名册", "停水通知", "信用信息", "统计公报",
         "人大建议答复", "规划图纸", "权责清单", "价格目录", "医保报销流程", "食堂菜谱")  # fmt: skip
_HOW = ("并附上办理电话", "方便群众查找", "误差控制在较小范围", "由纪检人员到场见证", "在微信群里同步提醒", "以问答形式写明", "配以图表", "避免重复跑路",
        "逾期的予以通报", "与上级口径核对一致", "听取代表意见后修改", "留存影像备查", "分批推送给企业", "在集市设点宣讲", "同步寄送纸质件", "按季度回看效果",
        "让老年人也看得懂", "得到来访者认可", "纳入年终评优", "请第三方打分")  # fmt: skip


_WORDS = (
    "安排部署落实推动完善健全规范优化提升强化深化细化拓展畅通丰富统筹协调督促检查考核培训交流学习调研走访宣传解读回应"
    "引导服务便民惠企审批监管执法评估清单目录台账档案数据平台网站专栏窗口热线公众企业群众社区乡村学校医院项目资金预算"
    "采购招标规划环境交通住房教育医疗就业养老救助食品安全应急消防水利农业林业旅游文化体育科技创新投资贸易税收金融信用"
    "合同价格质量标准流程时限材料证明告知承诺公示公告通知意见建议反馈整改问题短板不足差距原因措施成效亮点特色经验典型"
    "基层干部职工代表委员专家律师记者志愿专班例会简报季度月份年终每周定期随时主动及时准确全面深入持续稳步有序高效"
)  # fmt: skip
_COMMON = 0.08


def essay(rng: Random, length: int) -> str:
    """Return a text of about this many characters: everyone's words, now and then everyone's phrases."""
    text = ""
    while len(text) < length:
        text += "，".join(_clause(rng) for _ in range(rng.randint(2, 3))) + "。"
    return text


def _clause(rng: Random) -> str:
    if rng.random() < _COMMON:
        return rng.choice((*_HOW, "切实保障知情权", "不断提高工作水平", "取得较好成效"))
    clause = rng.choice(_WHO) if rng.random() < 0.2 else ""
    for _ in range(rng.randint(3, 6)):
        place = 2 * rng.randrange(len(_WORDS) // 2)
        clause += _WORDS[place : place + 2]
    if rng.random() < 0.2:
        clause += f"{rng.randint(2, 90)}份"
    return clause + (rng.choice(_WHAT) if rng.random() < 0.3 else "")


def reworded(rng: Random, text: str, likeness: float) -> str:
    """Return the text with words replaced all over it until it is just more alike than this."""
    places = list(range(0, len(text) - 2, 2))
    rng.shuffle(places)
    words = {place: rng.choice(_WHAT)[:2] for place in places}
    fewest, most = 0, len(places)
    while most - fewest > 1:
        middle = (fewest + most) // 2
        tried = _replaced(text, words, places[:middle])
        if fuzz.ratio(text, tried) / 100 > likeness:
            fewest = middle
        else:
            most = middle
    return _replaced(text, words, places[:fewest])


def _replaced(text: str, words: dict[int, str], places: list[int]) -> str:
    changed = list(text)
    for place in places:
        changed[place : place + 2] = words[place]
    return "".join(changed)
