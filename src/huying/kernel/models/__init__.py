from huying.kernel.models.attachment import Attachment
from huying.kernel.models.audit import AuditLine
from huying.kernel.models.calendar import DayOverride, HolidayNotice
from huying.kernel.models.idempotency import StoredAnswer
from huying.kernel.models.jobs import JobEffect
from huying.kernel.models.reveal import RevealBudget

__all__ = ["Attachment", "AuditLine", "DayOverride", "HolidayNotice", "JobEffect", "RevealBudget", "StoredAnswer"]
