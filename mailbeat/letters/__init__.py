"""Mail as people read it: HTML for any mail program, from templates that escape.

Tables and inline styles, for some programs know nothing else; what is for the dark is
in a style sheet that others leave out. No image, no script, nothing from elsewhere.
"""
