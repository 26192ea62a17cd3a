"""Made-up names: of places from two syllables that sound like a place, of people from common surnames and given names."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product

FIRST = "锦青望云清明安和瑞永德泰丰长兴文景福祥嘉南北东西金玉石柳桃梅兰竹松枫荷"
SECOND = "澜禾川泽溪桥园苑坪岭台湾塘港村井坊源塬林滩屯寨庄浦洲渡关营埠"
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗"
GIVEN_FIRST = "秀志淑海德玉国晓永素建文长彩春思明佳丽雪俊伟宏立振雨子欣梓浩"
GIVEN_SECOND = "英强珍燕福梅栋琴年云华静河霞生远洁琳涛波军萍娟宇辰轩怡涵敏"


def places(chance: random.Random) -> Iterator[str]:
    """Names without an end, each once until all are used, then with a number."""
    pairs = ["".join(pair) for pair in product(FIRST, SECOND)]
    chance.shuffle(pairs)
    turn = 0
    while True:
        yield from (pair if not turn else f"{pair}{turn + 1}" for pair in pairs)
        turn += 1


PEOPLE = [a + b + c for a in SURNAMES for b in GIVEN_FIRST for c in GIVEN_SECOND]
"""Some fifty thousand names: many bear the same one, as in life."""
