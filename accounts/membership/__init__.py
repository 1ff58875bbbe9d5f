"""What opens the films to a member, and for how long.

trials         the first days, once for each person
granting       what curators give, extend and end
subscriptions  what somebody else tells of, such as a shop that takes payments
standing       what all of that comes to at a moment, and how it is said
"""
