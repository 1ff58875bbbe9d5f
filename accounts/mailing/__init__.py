"""Mail that has to arrive, whatever it is about, and the letters about somebody's account.

delivery   one message and one mail server
sending    rows that become mails, whatever dies meanwhile
words      what every mail needs of its reader: their language, a line that is fit for a header
admin      what all outgoing mail shows a curator
letters    telling somebody something about their account
changes    the words for what was changed about somebody's way in
writing    what such a letter says
tasks      the sending of letters, in the worker
attention  which letters wait for a curator
"""
