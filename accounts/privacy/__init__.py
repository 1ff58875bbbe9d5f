"""What is kept of a person: told, handed over, and taken away.

registry   the two lists from which all of this is made
retention  what is past its time
"""
