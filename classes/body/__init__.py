"""What a class asks of a body, and whose word that is.

    checking   a named person's word about it, and every way it is taken back
    vouching   when a focus tag keeps its promise, going by that word
    facts      what the page of the class tells of it

All three fail closed: what nobody checked is not promised. The movements and tags themselves are
`models.body`.
"""
