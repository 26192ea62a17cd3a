"""Words of the error pages: what happened, what to do next. Needs neither database nor session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

# status: (title, what it means, what to do next)
WORDS: dict[int, tuple[Text, Text, Text]] = {
    400: (_("这个请求看不懂"), _("送来的内容不完整或格式不对。"), _("请返回上一页，刷新后再试一次。")),
    401: (_("请先登录"), _("这一页要登录后才能看。"), _("登录后会回到您刚才的地方。")),
    403: (_("没有权限"), _("您的身份不能看这一页或做这一步。"), _("如果您认为应当可以，请联系本单位管理员。")),
    404: (_("没有找到"), _("网址可能写错了，或者内容已经移走。"), _("请从首页重新进入，或者检查网址。")),
    405: (_("不能这样操作"), _("这个地址不接受这种操作。"), _("请从页面上的按钮进入。")),
    409: (
        _("内容有变化"),
        _("您打开页面以后，有人改过这条内容，或者这一步已经做过。"),
        _("请返回上一页，刷新后看看最新的情况。"),
    ),
    410: (_("已经失效"), _("这个链接过了有效期。"), _("请回到原来的页面，重新打开。")),
    413: (_("文件太大"), _("送来的文件超过了允许的大小。"), _("请换一个小一些的文件，或者拍一张分辨率低些的照片。")),
    422: (_("请检查填写的内容"), _("有几处内容还不对。"), _("请返回上一页，改好以后再提交，已填的内容还在。")),
    429: (_("请稍等一会儿"), _("短时间内操作次数太多。"), _("请过几分钟再试，急事请打电话。")),
    500: (_("出错了"), _("是我们这边的问题，已经记下来了。"), _("您可以稍后再试，急事请打电话。")),
    503: (_("系统正忙"), _("现在访问的人多，或者正在维护。"), _("您填的内容没有丢，请过几秒再试，急事请打电话。")),
}
AGAIN = {409, 429, 500, 503}  # reading the same page once more may help


def facts(
    status: int,
    *,
    title: Text = "",
    body: Text = "",
    actions: Sequence[Mapping[str, Any]] | None = None,
    here: str = "",
) -> dict[str, Any]:
    """What an error page shows; a given title, body or list of actions wins over the words kept here.

    ``here`` is the address of the page itself when it may be asked for again. Actions: {label, href, kind, icon}.
    """
    known_title, known_body, known_next = WORDS.get(status, WORDS[500])
    offered: list[Mapping[str, Any]] = [{"label": _("回首页"), "href": "/", "kind": "primary", "icon": "house-fill"}]
    if here and status in AGAIN:
        offered.insert(0, {"label": _("再试一次"), "href": here, "kind": "plain", "icon": ""})
    return {
        "status": status,
        "title": title or known_title,
        "body": body or known_body,
        "next": known_next,
        "actions": list(actions) if actions else offered,
    }
