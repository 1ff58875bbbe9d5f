"""Mail that has to arrive, whatever it is about.

delivery   one message and one mail server
words      what every mail needs of its reader: their language, a line that is fit for a header
"""
