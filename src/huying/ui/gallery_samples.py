"""The samples themselves: (group, [(component, template source)]). What is written here is what the style page quotes."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Sample = tuple[str, str]

SAMPLES: list[tuple[str | Promise, list[Sample]]] = [
    (
        _("按钮、标签与图标"),
        [
            (
                "button",
                """{% translate "提交求助" as words %}{% button label=words kind="primary" type="button" %}
{% button label=words type="button" icon="phone-fill" %} {% button label=words kind="soft" type="button" size="s" %}
{% button label=words kind="danger" type="button" %} {% button label=words kind="quiet" href="#main" icon_end="caret-right" %}
{% button label=words kind="primary" disabled=True type="button" %}""",
            ),
            ("buttons", """{% translate "确定" as yes %}{% translate "取消" as no %}{% buttons %}{% button label=yes kind="primary" type="button" %}{% button label=no type="button" %}{% endbuttons %}"""),
            ("icon", """{% icon "hand-heart-duotone" %}{% icon "bell" label="bell" %}"""),
            (
                "chip",
                """{% translate "今天上门" as words %}{% chip label=words tone="kaki" %} {% chip label=words tone="pine" icon="check-bold" %}
{% chip label=words tone="gui" %} {% chip label=words tone="dai" %} {% chip label=words tone="mei" %} {% chip label=words %}""",
            ),
            ("badge", """{% translate "3 条未读" as words %}{% badge count=3 label=words %} {% badge count=120 %} {% badge count=0 quiet=True %}"""),
            ("avatar", """{% translate "李建国" as name %}{% avatar name=name size="s" %}{% avatar name=name tone="gui" %}{% avatar name=name tone="dai" size="l" %}"""),
        ],
    ),
    (
        _("版面"),
        [
            ("page_head", """{% translate "我的求助" as title %}{% translate "三件正在办" as lead %}{% page_head title=title lead=lead back_href="#main" %}"""),
            ("back", """{% back href="#main" %}"""),
            ("breadcrumbs", "{% breadcrumbs items=crumbs %}"),
            ("tabs", """{% translate "按状态" as label %}{% tabs items=tabs label=label %}"""),
            ("card", """{% card %}{% translate "纸上的一张卡片。" %}{% endcard %}{% card tone="pine" %}{% translate "带色的卡片。" %}{% endcard %}"""),
            ("section", """{% translate "附近的站点" as title %}{% section title=title more_href="#main" %}{% card %}{% translate "和平社区实践站" %}{% endcard %}{% endsection %}"""),
            (
                "note",
                """{% note icon="clock" %}{% translate "收到后会按承诺的时限联系您。" %}{% endnote %}
{% translate "急事请先打电话" as title %}{% note tone="mei" title=title %}{% translate "110 报警，119 火警，120 急救。" %}{% endnote %}
{% note tone="pine" %}{% translate "已经送出。" %}{% endnote %}{% note tone="gui" %}{% translate "节假日的时限是估算的。" %}{% endnote %}""",
            ),
            ("empty", """{% translate "还没有求助" as title %}{% translate "需要帮忙时说一声就行。" as body %}{% translate "我要求助" as words %}{% empty title=title body=body icon="hand-heart-duotone" action_label=words action_href="#main" %}"""),
            ("toast", """{% translate "已送出，编号 0187" as words %}{% toast message=words %}{% toast message=words level="error" %}"""),
        ],
    ),
    (
        _("首页"),
        [
            ("hero", """{% translate "和平社区" as place %}{% hero name="王阿姨" place=place place_href="#main" notices_href="#main" unread=2 %}"""),
            ("acts", """{% translate "常用" as label %}{% translate "我要求助" as a %}{% translate "打电话" as b %}{% translate "到站里来" as c %}{% translate "说一声，附近有人应" as d %}{% translate "人工帮您填" as e %}{% translate "看看最近的站点" as f %}{% acts label=label %}{% act href="#main" title=a body=d icon="hand-heart-duotone" main=True %}{% act href="#main" title=b body=e icon="phone-call-duotone" %}{% act href="#main" title=c body=f icon="house-line-duotone" tone="gui" %}{% endacts %}"""),
            ("act", """{% translate "打电话" as b %}{% act href="#main" title=b icon="phone-call-duotone" %}"""),
            ("services", """{% translate "服务" as label %}{% services items=services label=label %}"""),
            ("summary", """{% translate "陪诊 · 心内科复查" as title %}{% translate "今天 15:00" as meta %}{% translate "今天上门" as state %}{% card %}{% summary title=title meta=meta icon="stethoscope-duotone" status=state href="#main" %}{% endcard %}"""),
            ("steps", "{% steps items=steps %}"),
            ("person", """{% translate "李建国" as name %}{% translate "志愿者" as role %}{% translate "已出发，约 12 分钟到" as meta %}{% person name=name role=role meta=meta phone="10086000000" %}"""),
            ("outbox", "{% outbox %}"),
            ("modes", "{% modes %}"),
        ],
    ),
    (
        _("表单"),
        [
            ("form", """{% translate "提交" as words %}{% form action="#main" form=form %}{% field form.name %}{% field form.phone %}{% field form.kind details=kinds columns=2 %}{% field form.words %}{% field form.agree %}{% button label=words kind="primary" %}{% endform %}"""),
            ("field", """{% field clean.name %}{% field clean.day short=True %}{% field clean.photos %}{% field clean.rating %}"""),
            ("error_summary", "{% error_summary errors=errors %}"),
            ("choices", """{% translate "什么时候" as legend %}{% choices name="when" legend=legend options=options value="today" columns=2 required=True %}"""),
            ("stars", """{% translate "这次帮得怎么样" as legend %}{% stars name="score" legend=legend value=4 %}"""),
            ("file_input", """{% translate "照片" as label %}{% translate "最多 6 张" as hint %}{% file_input name="photo" label=label hint=hint multiple=True %}"""),
            ("search_box", """{% translate "搜编号、姓名、地址" as words %}{% search_box placeholder=words key="" %}"""),
            ("filters", """{% translate "筛选" as label %}{% filters items=filters label=label %}"""),
        ],
    ),
    (
        _("记录"),
        [
            ("dl", "{% dl items=facts %}"),
            ("timeline", "{% timeline items=events %}"),
            ("log", "{% log items=log %}"),
            ("moment", """{% moment at=now %} {% moment at=late style="ago" %} {% moment at=due style="left" %} {% moment at=now style="day" %}"""),
            ("progress", """{% translate "剩 6 分钟" as words %}{% progress value=70 label=words tone="kaki" %}"""),
            ("table", """{% translate "本周" as caption %}{% translate "姓名" as a %}{% translate "件数" as b %}{% table columns=columns caption=caption %}{% row %}{% cell head=True %}{% translate "和平社区" %}{% endcell %}{% cell label=b end=True %}12{% endcell %}{% endrow %}{% endtable %}"""),
            ("row", """{% translate "件数" as b %}{% table columns=columns %}{% row id="r-1" %}{% cell head=True %}{% translate "竹园社区" %}{% endcell %}{% cell label=b end=True %}7{% endcell %}{% endrow %}{% endtable %}"""),
            ("cell", """{% translate "件数" as b %}{% table columns=columns %}{% row %}{% cell head=True %}{% translate "长桥社区" %}{% endcell %}{% cell label=b end=True %}5{% endcell %}{% endrow %}{% endtable %}"""),
            ("pager", "{% pager page=page %}"),
            ("tree", """{% translate "阵地" as label %}{% tree items=places label=label %}"""),
            ("map", """{% translate "青禾街道示意图" as label %}{% translate "本产品自绘的虚构街道" as source %}{% map view_box="0 0 300 120" label=label source=source %}<path class="hy-map__area hy-map__area--2" d="M20 20h120v80H20z"/><path class="hy-map__area hy-map__area--1" d="M140 20h140v80H140z"/><path class="hy-map__water" d="M0 70c80-20 180 10 300-10v18C180 88 80 58 0 88z"/><path class="hy-map__road" d="M150 0v120"/><circle class="hy-map__halo" cx="90" cy="50" r="12"/><circle class="hy-map__point hy-map__point--here" cx="90" cy="50" r="6"/>{% endmap %}"""),
        ],
    ),
    (
        _("工作台"),
        [
            ("kpis", """{% translate "今日" as label %}{% translate "待受理" as a %}{% translate "件" as unit %}{% translate "1 件将超时" as hint %}{% translate "服务中" as b %}{% kpis label=label %}{% kpi label=a value=4 unit=unit tone="kaki" hint=hint hint_tone="mei" %}{% kpi label=b value=9 unit=unit tone="pine" href="#main" %}{% endkpis %}"""),
            ("kpi", """{% translate "平均响应" as a %}{% translate "分钟" as unit %}{% kpi label=a value=11 unit=unit %}"""),
            (
                "board",
                """{% translate "派单台" as label %}{% translate "待派单" as a %}{% translate "服务中" as b %}{% translate "陪诊" as kind %}{% translate "心内科复查" as title %}{% translate "陈奶奶 · 82 岁" as who %}{% translate "桂花里社区 3 幢" as where %}{% translate "剩 8 分钟" as left %}{% translate "现在没有。" as none %}{% board label=label %}{% column id="c-wait" title=a count=1 tone="gui" %}{% ticket id="t-1" href="#main" kind=kind title=title icon="stethoscope-duotone" tone="mei" who=who where=where tags=tags used=72 clock=left clock_tone="kaki" selected=True %}{% endcolumn %}{% column id="c-doing" title=b count=0 empty=none %}{% endcolumn %}{% endboard %}""",
            ),
            ("column", """{% translate "待回访" as a %}{% translate "现在没有。" as none %}{% column id="c-back" title=a count=0 tone="dai" empty=none %}{% endcolumn %}"""),
            ("ticket", """{% translate "助浴" as kind %}{% translate "行动不便，需两人协助" as title %}{% translate "2 分钟前" as at %}{% translate "剩 6 分钟" as left %}{% ticket id="t-2" href="#main" kind=kind title=title icon="bathtub-duotone" at=at used=86 clock=left clock_tone="mei" urgent=True %}"""),
            ("detail", """{% translate "陪诊 · 心内科复查" as title %}{% translate "剩 8 分钟" as left %}{% detail title=title number="0187" status=left %}{% dl items=facts %}{% enddetail %}"""),
            ("part", """{% translate "推荐人选" as title %}{% translate "按距离、技能、负荷排序" as aside %}{% part title=title aside=aside %}{% log items=log %}{% endpart %}"""),
            ("candidate", """{% translate "李建国" as name %}{% translate "退休医生" as meta %}{% translate "派单" as words %}{% candidate name=name meta=meta reasons=reasons first=True %}{% button label=words kind="primary" size="s" type="button" %}{% endcandidate %}"""),
            ("dialog", """{% translate "换一个社区" as title %}{% translate "打开" as words %}{% button label=words dialog="d-1" %}{% dialog id="d-1" title=title %}{% translate "这里选社区。" %}{% enddialog %}"""),
            ("confirm", """{% translate "撤回求助" as title %}{% translate "撤回以后，来帮忙的人会收到消息。" as body %}{% translate "原因" as why %}{% button label=title dialog="d-2" %}{% confirm id="d-2" title=title body=body action="#main" label=title kind="danger" reason_label=why %}"""),
            ("shortcuts", """{% translate "键盘" as words %}{% button label=words dialog="keys" %}{% shortcuts items=keys %}"""),
        ],
    ),
]
