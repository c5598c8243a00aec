"""Contact: how a person can be reached, what they said about it, and every try to reach them.

It owns contact points, consents, protective statements and attempts. It promises that nothing goes
out without a permit redeemed at that moment, that no attempt is ever sent twice, and that a person
who says "stop" is heard before the answer says so. Whether a contact is lawful it does not decide:
compliance does.
"""
