"""Comments of another site, brought over from a file: see `manage.py import_comments`.

`files` reads rows, `rows` judges each by itself, `bringing_in` judges them together and writes.
"""
