"""What was due of calls, and the shares made of it (domain 2.2): facts in the order of ``FirstMetric``.

A call is due (应办) when it is closed, or open and late; those that two people left out of the shares never are (domain 2.3).
缓办 is what is set aside now: it leaves the base, and the shares stand with and without it. A call that is not closed is
counted on the first day on which it was late, and on the day of its end once it is closed.
"""

from __future__ import annotations

DUE: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "calls_due",
        "应办的求助",
        "Calls due",
        "已办结的，记在办结那一天；超时还没办完的，记在最先超时那一天。复核后剔除的不算。",
        "Calls that are closed, on the day of their end, and those open and late, on the first day they were late; without"
        " those left out by two people.",
    ),
    (
        "calls_due_net",
        "应办的求助（扣除缓办）",
        "Calls due, without those set aside",
        "应办的求助，去掉现在缓办的。",
        "Calls due, without those that are set aside now.",
    ),
    (
        "calls_due_closed",
        "应办里办结的求助",
        "Calls due and closed",
        "应办的求助里已经办结的，记在办结那一天。办结不等于解决。",
        "Calls due that are closed, on the day of their end. Closed is not solved.",
    ),
    (
        "calls_due_on_time",
        "应办里按期办结的求助",
        "Calls due and closed in time",
        "应办的求助里每一步都没有超时就办结的，记在办结那一天。",
        "Calls due that were closed and late in no stage, on the day of their end.",
    ),
    (
        "calls_due_verified",
        "闭环办结的求助",
        "Calls closed and verified",
        "应办的求助里办结、写明怎么办的，并由经办人以外的人（评价或回访）确认解决的；纸条上的评价不算。",
        "Calls due that were closed with words on what was done, and that somebody other than the handler said are solved,"
        " in a rating or a call-back; ratings by paper slip do not count.",
    ),
    (
        "calls_urgent_due",
        "应办的紧急求助",
        "Urgent calls due",
        "应办的求助里的紧急求助，去掉现在缓办的。",
        "Urgent calls due, without those that are set aside now.",
    ),
    (
        "calls_urgent_closed",
        "办结的紧急求助",
        "Urgent calls due and closed",
        "应办的紧急求助里已经办结的，记在办结那一天。",
        "Urgent calls due that are closed, on the day of their end.",
    ),
    (
        "calls_responded",
        "及时响应的求助",
        "Calls taken up in time",
        "应办的求助里受理没有超时的。",
        "Calls due whose review was not late.",
    ),
    (
        "calls_rated_own",
        "本人评价的求助",
        "Calls rated by the person served",
        "应办的求助里办结后由求助人本人评价的，记在办结那一天；家人、代办人和纸条上的评价不算。",
        "Calls due that are closed and that the person served rated, on the day of their end; ratings by family, on behalf of"
        " somebody or by paper slip do not count.",
    ),
    (
        "calls_marks_own",
        "本人评价的满分",
        "Full marks of ratings by the person served",
        "本人评价的求助，每件 100 分。",
        "A hundred points for each call that the person served rated.",
    ),
    (
        "calls_satisfied_own",
        "本人评价的满意分",
        "Marks of satisfaction by the person served",
        "本人评四星、五星的每件 100 分；三星是基本满意，按评价那一天的折算比例计分；一星、二星不得分。",
        "A hundred points for four or five stars of the person served; three stars count as the rule of the day of the rating"
        " says; one or two count nothing.",
    ),
    (
        "calls_heard",
        "回访有答复的求助",
        "Calls heard about when called back",
        "应办的求助里抽查回访时有答复的。",
        "Calls due that were drawn to be called back and were answered for.",
    ),
    (
        "calls_heard_solved",
        "回访说解决的求助",
        "Calls said to be solved when called back",
        "回访有答复的求助里说解决了的。",
        "Of the calls heard about when called back, those said to be solved.",
    ),
)
"""Code, name, English name, what is counted, the same in English."""
MARKS = frozenset({"calls_marks_own", "calls_satisfied_own"})
"""Counted in points, a hundred for a call: what 基本满意 is worth is a number of a rule, and figures are whole numbers."""
GUARDS_OF_DUE = {
    "calls_due_net": "calls_due",
    "calls_due_closed": "calls_due_net",
    "calls_due_on_time": "calls_due_closed",
    "calls_due_verified": "calls_due_closed",
    "calls_urgent_due": "calls_due_net",
    "calls_urgent_closed": "calls_urgent_due",
    "calls_responded": "calls_due",
    "calls_rated_own": "calls_due_closed",
    "calls_marks_own": "calls_rated_own",
    "calls_satisfied_own": "calls_marks_own",
    "calls_heard": "calls_due",
    "calls_heard_solved": "calls_heard",
}
"""What each is a part of: hidden from everybody where the whole, or what is left of it, is small (decision 0038)."""
SECOND_GUARDS_OF_DUE = {
    "calls_due_closed": "calls_closed",
    "calls_due_on_time": "calls_on_time",
    "calls_urgent_closed": "calls_due_closed",
    "calls_rated_own": "calls_rated",
}
"""Of what each is a part too: what is left of the first two are the calls that two people left out, of the third those that
are not urgent, of the last the ratings of others.
"""
SHARES_OF_DUE: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    (
        "calls_on_time_rate",
        "按期办结率",
        "Share closed in time",
        "按期办结的，占应办的（扣除缓办）；到期没办完的也在应办里。",
        "Closed in time, of those due without those set aside; what is late and still open is due.",
        "calls_due_on_time",
        "calls_due_net",
    ),
    (
        "calls_on_time_all_rate",
        "按期办结率（含缓办）",
        "Share closed in time, with those set aside",
        "按期办结的，占应办的，缓办的也在内。",
        "Closed in time, of all due, those set aside too.",
        "calls_due_on_time",
        "calls_due",
    ),
    (
        "calls_closed_rate",
        "办结率",
        "Share closed",
        "办结的，占应办的（扣除缓办）。办结不等于解决。",
        "Closed, of those due without those set aside. Closed is not solved.",
        "calls_due_closed",
        "calls_due_net",
    ),
    (
        "calls_closed_all_rate",
        "办结率（含缓办）",
        "Share closed, with those set aside",
        "办结的，占应办的，缓办的也在内。",
        "Closed, of all due, those set aside too.",
        "calls_due_closed",
        "calls_due",
    ),
    (
        "calls_urgent_rate",
        "紧急办结率",
        "Share of urgent calls closed",
        "紧急求助里办结的，占应办的（扣除缓办）。",
        "Of urgent calls due without those set aside, those closed.",
        "calls_urgent_closed",
        "calls_urgent_due",
    ),
    (
        "calls_verified_rate",
        "闭环处置率",
        "Share closed and verified",
        "闭环办结的，占应办的（扣除缓办）。",
        "Closed and verified by another, of those due without those set aside.",
        "calls_due_verified",
        "calls_due_net",
    ),
    (
        "calls_verified_all_rate",
        "闭环处置率（含缓办）",
        "Share closed and verified, with those set aside",
        "闭环办结的，占应办的，缓办的也在内。",
        "Closed and verified by another, of all due, those set aside too.",
        "calls_due_verified",
        "calls_due",
    ),
    (
        "calls_on_time_of_closed",
        "办结中按期占比",
        "Share in time of those closed",
        "按期办结的，占办结的；到期没办完的不在内，不能用来看办得及时不及时。",
        "Closed in time, of those closed; says nothing of what is late and still open.",
        "calls_on_time",
        "calls_closed",
    ),
    (
        "calls_responded_rate",
        "及时响应率",
        "Share taken up in time",
        "受理没有超时的，占应办的，缓办的也在内。",
        "Taken up in time, of all due, those set aside too.",
        "calls_responded",
        "calls_due",
    ),
    (
        "calls_heard_solved_rate",
        "解决率（回访）",
        "Share solved when called back",
        "抽查回访时说解决了的，占回访有答复的。",
        "Said to be solved, of those answered for when called back.",
        "calls_heard_solved",
        "calls_heard",
    ),
    (
        "calls_satisfied_rate",
        "满意率（本人评）",
        "Share satisfied, by the person served",
        "本人评价的满意分，占满分：四星、五星算满意，三星是基本满意，按规定折算。",
        "Marks of satisfaction of full marks: four and five stars are satisfied, three count as the rule says.",
        "calls_satisfied_own",
        "calls_marks_own",
    ),
)
"""Code, name, English name, what is counted, the same in English, numerator, denominator."""
