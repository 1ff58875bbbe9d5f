"""What a class asks of a body, and whose word that is.

    timeline_text  a timeline as curators type it
    timeline       as it is stored, chapter by chapter
    coverage       how much of its film it describes
    contents       what a class contains: ticks, and all that its chapters involve
    occurrences    where in the class each movement occurs
    checking       a named person's word about it, and every way it is taken back
    triggers       the same, where rows are written past all this
    vouching       when a focus tag keeps its promise, going by that word
    facts          what the page of the class tells of it
    avoiding       what a visitor avoids
    my_version     which stretches of a film that touches

All of it fails closed: what nobody checked is not promised. The rows themselves are `models.body`.
"""
