"""The ground floor: time, locks, errors, audit, jobs, files — no word of the domain lives here."""
