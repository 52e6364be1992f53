"""Traffic in, the one subject of rules on the capture as a whole out."""

from dicomsniff.association.values import Conversation, Traffic


def whole(traffic: Traffic) -> list[tuple[Conversation, ...]]:
    """All conversations as one subject; none at all makes a rule not applicable."""
    return [traffic.conversations] if traffic.conversations else []
