"""Pages about calls: the resident's and helper's, the steps of one call, the desk of the staff, the menu."""
