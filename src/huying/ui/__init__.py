"""ui: the design system. Layouts, components with declared arguments, modes (large print, contrast, language),
navigation drawn from declared entries, error pages and the parts of the installable web app.

It knows nothing of the rooms: they render its templates; config tells it which entries there are and what time it is.
"""
