"""People gather: activities, their shifts and sign-ups, who came, what came of it, and the rhythm of a year."""
