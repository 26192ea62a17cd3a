"""People (人): persons, sign-in accounts, roles at places, guardians, consent, messages to a person."""
