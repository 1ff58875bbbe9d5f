"""Members hear of what is said: who is told, in which words, how it is sent, how it is stopped.

`notices` writes down who is to be told, in the transaction that makes it true. `sending` does the
rest later, in the worker. `wishes` knows who wants no mail, `unsubscribing` how they say so.
"""
