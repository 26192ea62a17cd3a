"""The REST root: one address, one way to sign in, one shape of errors; each room brings its own endpoints."""
