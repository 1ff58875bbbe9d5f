"""Which documents still say the truth about tags.

A tag is found only where it is vouched for, and that may end at any moment: a check is taken back,
a rule changes. Documents follow a little later. Until they do, the words of their tags do not
count: those of the classes that have changed since, or of all, where all may have.
"""

# For a query in which `{id}` is the id of the class.
TAGS_COUNT = """(
    EXISTS (
        SELECT 1 FROM classes_searchstate AS made
        JOIN classes_cataloguechange AS change
            ON change.version = made.number AND change.stamp = made.stamp
    )
    AND NOT EXISTS (
        SELECT 1 FROM classes_searchstate AS made
        JOIN classes_cataloguechange AS change ON change.version > made.number
        WHERE change.workout_class_id IS NULL
    )
    AND {id} NOT IN (
        SELECT change.workout_class_id FROM classes_searchstate AS made
        JOIN classes_cataloguechange AS change ON change.version > made.number
        WHERE change.workout_class_id IS NOT NULL
    )
)"""
