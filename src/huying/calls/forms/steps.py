"""What each step in the life of a call asks for. The fields are the arguments of the action of the same name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from huying.calls.actions.serving import MAX_PHOTOS
from huying.calls.actions.widening import MOST_SEATS
from huying.calls.forms.words import Line, Words
from huying.calls.models import Call
from huying.calls.states import Excuse, Target
from huying.kernel import attachments, clock
from huying.ui.widgets import Moment, Photos, Stars
from huying.volunteers.models import Team

NOTE, REASON = 500, 300
SOLVED = [("yes", _("解决了")), ("no", _("没解决"))]


class StepForm(forms.Form):
    """A step that asks for nothing: the page only lets one think again.

    ``lead`` says what the step means for the one who takes it, before it is taken.
    """

    lead: str | Promise = ""
    done: str | Promise = ""

    def given(self) -> dict[str, Any]:
        """Arguments for the action."""
        return dict(self.cleaned_data)


class SubmitForm(StepForm):
    done = _("已提交。")


class ReviewForm(StepForm):
    lead = _("受理后，求助人会看到有人在办。")


class PoolForm(StepForm):
    lead = _("附近的志愿者会看到它，可以自己来接；您也可以派单。")


class ResumeForm(StepForm):
    lead = _("恢复后回到待派，重新计时。")


class AcceptForm(StepForm):
    lead = _("接单后您会看到详细地址和电话，请和对方约好时间。来不了的时候，可以再退回。")
    done = _("已接单，谢谢您。请和对方约好时间。")


class ClaimForm(AcceptForm):
    lead = _("接下后您会看到详细地址和电话，请和对方约好时间。来不了的时候，可以再退回。")


MYSELF = "me"


class TeamClaimForm(ClaimForm):
    """For oneself, where persons may come (``alone``), or for one of the teams one leads; ``free`` seats are still empty."""

    team = forms.ChoiceField(label=_("谁来接"), widget=forms.RadioSelect, required=False)
    seats = forms.IntegerField(
        label=_("队伍来几个人"), min_value=1, max_value=2000, required=False, help_text=_("不填就是还差的都来。")
    )

    def __init__(self, *args: Any, teams: Sequence[Team], alone: bool, free: int, **more: Any) -> None:
        super().__init__(*args, **more)
        own = [(MYSELF, _("我自己"))] if alone else []
        choices = [*own, *((str(one.public_id), one.name) for one in teams)]
        self.fields["team"].choices = choices  # type: ignore[attr-defined]
        self.fields["team"].required = not alone
        self.fields["team"].initial = choices[0][0] if choices else ""
        if free <= 1:
            del self.fields["seats"]

    def given(self) -> dict[str, Any]:
        chosen = self.cleaned_data.get("team")
        if chosen in {"", MYSELF}:
            return {}
        return {"team": UUID(chosen), "seats": self.cleaned_data.get("seats") or 0}


class DeclineForm(StepForm):
    lead = _("不用说原因，不留记录，也不影响您以后接单。我们会问问别人。")
    done = _("没关系，谢谢您看过。我们会问问别人。")


class TeamDeclineForm(DeclineForm):
    lead = _("选一个原因，就不影响队伍的接单率；也可以不选。")
    excuse = forms.ChoiceField(
        label=_("为什么来不了"), choices=[("", _("不选")), *Excuse.choices], widget=forms.RadioSelect, required=False
    )


class UnitDeclineForm(TeamDeclineForm):
    lead = _("单位要答复：选一个原因，或者写一句。列出的原因不影响接单率。")
    reason = Words(label=_("再说明一句"), max_length=200, required=False)


class StartForm(StepForm):
    lead = _("到了就点开始，对方会收到消息。")
    done = _("已开始。")


class AskInfoForm(StepForm):
    lead = _("对方补充之前不计时。")
    note = Words(label=_("要对方补充什么"), max_length=NOTE)


class GiveInfoForm(StepForm):
    note = Words(label=_("补充说明"), max_length=NOTE)
    done = _("已补充，工作人员会接着办。")


class RejectForm(StepForm):
    lead = _("原因只有求助人能看到。")
    reason = Words(label=_("不予受理的原因"), max_length=REASON)


class RecallForm(StepForm):
    reason = Words(label=_("撤回的原因"), max_length=REASON)


class HandBackForm(StepForm):
    lead = _("来不了没关系，说一声就好，工作人员会另找人。原因只有工作人员能看到。")
    reason = Words(label=_("为什么退回"), max_length=REASON)
    done = _("已退回，工作人员会另找人，谢谢您说一声。")


class SuspendForm(StepForm):
    lead = _("缓办期间不计时，已接单的人会收到通知。")
    reason = Words(label=_("缓办的原因"), max_length=REASON)


class CancelForm(StepForm):
    lead = _("取消后，已经接单的人会马上收到通知。")
    reason = Words(label=_("取消的原因"), max_length=REASON)
    done = _("已取消。")


class ReopenForm(StepForm):
    lead = _("我们会重新安排人来办。")
    reason = Words(label=_("还有什么没解决"), max_length=REASON)
    done = _("已请工作人员再办。")


class TransferForm(StepForm):
    lead = _("危险和急病请先打 110、119、120，再转办。")
    target = forms.ChoiceField(label=_("转到哪里"), choices=Target.choices, widget=forms.RadioSelect)
    note = Words(label=_("给求助人的话"), max_length=NOTE, required=False)


class ScheduleForm(StepForm):
    lead = _("请先和对方在电话里说好。")
    at = forms.DateTimeField(label=_("什么时候上门"), widget=Moment)
    done = _("时间已约好，对方会收到消息。")

    def clean_at(self) -> Any:
        at = self.cleaned_data["at"]
        if at <= clock.now():
            raise ValidationError(_("这个时间已经过去，请选以后的时间。"))
        if at > clock.now() + timedelta(days=366):
            raise ValidationError(_("请选一年以内的时间。"))
        return at


class ManyPhotos(forms.FileField):
    """Several pictures under one name, already redrawn; [] when none was chosen. Says which file is not a picture."""

    widget = Photos

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        sent = data if isinstance(data, list | tuple) else [data] if data else []
        if len(sent) > MAX_PHOTOS:
            raise ValidationError(_("最多选 %(most)d 张照片。"), params={"most": MAX_PHOTOS})
        return [self.redrawn(one) for one in sent]

    def redrawn(self, upload: Any) -> attachments.Picture:
        try:
            return attachments.redraw(upload)
        except attachments.PictureRefused as wrong:
            raise ValidationError(
                _("“%(name)s”：%(why)s"), params={"name": str(upload.name)[:60], "why": str(wrong)}
            ) from None


class DeliverForm(StepForm):
    note = Words(label=_("做了什么"), max_length=NOTE)
    photos = ManyPhotos(
        label=_("照片"),
        required=False,
        help_text=format_lazy(_("可以不传。拍到人要先得到同意；最多 {most} 张。"), most=MAX_PHOTOS),
    )
    done = _("已记下，谢谢您的帮助。请对方评价后就办结了。")


class RateForm(StepForm):
    """Five levels (GB/T 39735) and, apart from them, whether the matter is solved."""

    score = forms.TypedChoiceField(label=_("满意吗"), choices=Stars.WORDS, widget=Stars, coerce=int)
    solved = forms.ChoiceField(label=_("事情解决了吗"), choices=SOLVED, widget=forms.RadioSelect)
    comment = Line(label=_("想说的话"), max_length=300, required=False)
    done = _("谢谢您的评价。")

    def given(self) -> dict[str, Any]:
        return {**self.cleaned_data, "solved": self.cleaned_data["solved"] == "yes"}


class SayForm(forms.Form):
    text = Line(label=_("留言"), max_length=NOTE)


class RevealForm(forms.Form):
    """What to open (address, phone, or the helper's number of one offer), and why."""

    what = forms.ChoiceField(choices=[("address", _("地址")), ("phone", _("电话")), ("helper", _("接单人电话"))])
    offer = forms.UUIDField(required=False)
    reason = Line(label=_("查看的原因"), max_length=200, required=False)


class EnoughForm(StepForm):
    lead = _("答应来的人就够了。还在问的人会收到感谢，不再等他们答复。")
    done = _("不再找人了，已经谢过还没轮到的人。")


class SeekMoreForm(StepForm):
    lead = _("答应来的人照旧，再从第一圈问起；愿意候补的先问。")
    people = forms.IntegerField(label=_("一共要几个人"), min_value=2, max_value=MOST_SEATS)
    until = forms.DateTimeField(label=_("最晚什么时候到"), widget=Moment, required=False)
    done = _("已经接着呼叫，答复会一个个进来。")

    def __init__(self, *args: Any, call: Call, **more: Any) -> None:
        """Until when is asked of a ``call`` that a place raised."""
        super().__init__(*args, **{"initial": {"until": call.limit_at}, **more})
        if call.raised_for_id is None:
            del self.fields["until"]


class ArriveForm(StepForm):
    lead = _("到了就点一下，让大家知道您到了。")
    done = _("记下了，您到了。")


class LeaveForm(StepForm):
    lead = _("您的时长记到现在，别人接着做。")
    done = _("记下了，谢谢您，路上小心。")


FORMS: dict[str, type[StepForm]] = {
    "submit": SubmitForm,
    "review": ReviewForm,
    "ask_info": AskInfoForm,
    "give_info": GiveInfoForm,
    "reject": RejectForm,
    "pool": PoolForm,
    "claim": ClaimForm,
    "accept": AcceptForm,
    "decline": DeclineForm,
    "recall": RecallForm,
    "hand_back": HandBackForm,
    "schedule": ScheduleForm,
    "start": StartForm,
    "arrive": ArriveForm,
    "seek_more": SeekMoreForm,
    "leave": LeaveForm,
    "enough": EnoughForm,
    "deliver": DeliverForm,
    "rate": RateForm,
    "reopen": ReopenForm,
    "suspend": SuspendForm,
    "resume": ResumeForm,
    "cancel": CancelForm,
    "transfer": TransferForm,
}
"""Steps with a page of their own; ``dispatch`` has the desk's page, and the clocks' steps have none."""
