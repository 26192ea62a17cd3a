"""Why something about an activity is refused, as facts with names."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.kernel.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound


class StepRefused(Conflict):
    code = "activity_step_refused"
    message = _("现在是“{state}”，不能“{verb}”。页面可能已经旧了，请刷新看看。")


class ReasonMissing(InvalidInput):
    code = "reason_missing"
    message = _("请写明原因，报名的人会看到。")


class SharesUnclear(InvalidInput):
    code = "shares_unclear"
    message = _("各单位的份额加起来要正好是 100%，现在是 {total}%。")


class NotReady(InvalidInput):
    code = "activity_not_ready"
    message = _("还差一点才能发布：{what}")


class TimesUnclear(InvalidInput):
    code = "times_unclear"
    message = _("请检查时间：结束要晚于开始，一场最多 31 天。")


class CapacityTooSmall(InvalidInput):
    code = "capacity_too_small"
    message = _("“{role}”已经有 {taken} 人报名，名额不能少于这个数。")


class SignUpClosed(DomainError):
    code = "sign_up_closed"
    message = _("这一场现在不能报名。")


class AgeOutside(DomainError):
    code = "age_outside"
    message = _("这个活动有年龄要求：{ages}。")


class GuardianNeeded(Forbidden):
    code = "guardian_needed"
    message = _("未满 14 周岁请由监护人来报名。")


class GuardianConsentNeeded(Forbidden):
    code = "guardian_consent_needed"
    message = _("未满 14 周岁，要有监护人同意别人替孩子报名的记录。请监护人自己报名，或先在“资料用途和同意”里同意。")


class ProofNeeded(DomainError):
    code = "proof_needed"
    message = _("“{role}”要有核对过、还在有效期内的证明：{skills}。请在“本领证明”里交给站点核对。")


class ByNameOnly(DomainError):
    code = "by_name_only"
    message = _("“{role}”要逐人核查，不能只报人数，请每个人自己报名。")


class SkillsNeeded(DomainError):
    code = "skills_needed"
    message = _("“{role}”需要会：{skills}。")


class VolunteersOnly(DomainError):
    code = "volunteers_only"
    message = _("“{role}”要先登记为志愿者。")


class GroupsNotTaken(DomainError):
    code = "groups_not_taken"
    message = _("这个活动不接受团体报名，请分别报名。")


class GroupsAreGuests(DomainError):
    code = "groups_are_guests"
    message = _("“{role}”是志愿服务，要各自报名，不接受团体。")


class GroupsEnough(DomainError):
    code = "groups_enough"
    message = _("同一场您已经报了 {most} 个团体，还有人要来，请和联系人说。")


class SignUpMoved(Conflict):
    code = "sign_up_moved"
    message = _("这次报名已经有了变化，请刷新后再看。")


class ScanStrange(NotFound):
    code = "scan_strange"
    message = _("这一场没有这个报名，请核对后重新签到。")


class ScanTakenBack(Conflict):
    code = "scan_taken_back"
    message = _("这个报名已经取消，没有算到场。")


class ScanMomentUnclear(InvalidInput):
    code = "scan_moment_unclear"
    message = _("签到的时间早得不对，请调准平板的时间后重新签到。")


class AlreadySignedUp(Conflict):
    code = "already_signed_up"
    message = _("已经报过名了。")


class NotYet(DomainError):
    code = "activity_not_yet"
    message = _("活动还没开始。")


class NotThere(Forbidden):
    code = "not_there"
    message = _("到场的人才能评价。")


class UnitUnclear(InvalidInput):
    code = "unit_unclear"
    message = _("“{unit}”最多写 {digits} 位小数，不能是负数。")


class SameTwice(InvalidInput):
    code = "same_twice"
    message = _("同一项写了两行，请合成一行。")


class CountedAtDoor(InvalidInput):
    code = "counted_at_door"
    message = _("“{what}”已经由签到计过数，请去掉这一行；数的是别的，就写明是什么。")


class ConsentMissing(InvalidInput):
    code = "photo_consent_missing"
    message = _("能认出人的照片要先征得本人同意，有孩子的要监护人同意，请写明怎样同意的。")
