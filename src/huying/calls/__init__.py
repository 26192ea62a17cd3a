"""Calls (呼): the service menu, calls for help, their answers, clocks, dispatch, rating and history.

Nouns: ServiceKind, Call, Offer, CallEvent. Verbs: see ``states.TRANSITIONS``. Who may do them: ``rules``.
"""
