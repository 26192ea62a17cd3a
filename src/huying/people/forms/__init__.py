"""Forms about people: they read and show; the actions decide."""
