"""How a person comes in, and stays in: what allauth does not do as this site needs it.

    sign_up          who may join, and the code that proves an address
    passkeys         signing in without a password, where allauth's pages are not enough
    second_factor    what staff need beside a password, where the studio asks for it
    sessions         where a member is signed in, seen last, and signed out
    devices          the browsers a member uses, and the letter about a new one
    address_changes  a new address, which both mailboxes agree to (`address_forms`)
    resets           a lost password

What allauth itself asks of a site stands in `accounts.adapter` and `accounts.forms`.
"""
