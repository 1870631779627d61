"""Names as clients know them."""


def camel_case(name: str) -> str:
    """claimId of claim_id, closeClaim of CloseClaim."""
    head, *tail = name.split("_")
    return head[:1].lower() + head[1:] + "".join(part.capitalize() for part in tail)
