"""What one piece of data says about a person's whereabouts."""

from shared.kernel.records import record


@record
class Evidence:
    """Every zone and state that is plausible, sorted; without a zone the place is unknown.

    `localities` are cities in those states that have contact rules of their own.
    """

    zones: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    localities: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Tell whether there is a zone to count permitted hours in."""
        return bool(self.zones)


UNKNOWN = Evidence()


def either(*found: Evidence) -> Evidence:
    """Return evidence that holds whichever of these is right; one unknown leaves it unknown."""
    if not all(each.is_known for each in found):
        return UNKNOWN
    return Evidence(
        zones=tuple(sorted({zone for each in found for zone in each.zones})),
        states=tuple(sorted({state for each in found for state in each.states})),
        localities=tuple(sorted({city for each in found for city in each.localities})),
    )
