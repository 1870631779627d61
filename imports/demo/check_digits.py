"""Check digits of bank account and identity numbers."""

_ODD = dict(zip("0123456789", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21), strict=True)) | dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        strict=True,
    )
)
_EVEN = {c: int(c, 36) if c.isdigit() else int(c, 36) - 10 for c in _ODD}

_AS_NUMBERS = {ord(c): str(int(c, 36)) for c in _ODD if c.isalpha()}


def weighted(digits: str, weights: tuple[int, ...]) -> int:
    """The sum of the digits, each times its weight."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def italian(text: str) -> str:
    """The control letter of an Italian tax code or account number; its odd places count by a table."""
    total = sum((_EVEN if place % 2 else _ODD)[c] for place, c in enumerate(text))
    return chr(ord("A") + total % 26)


def mod_11_10(digits: str) -> str:
    """ISO 7064 mod 11,10: the check digit of a German tax number."""
    product = 10
    for digit in digits:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def ean(digits: str) -> int:
    """The check digit of a 13-digit EAN, as Swiss social security numbers have it."""
    return -weighted(digits, (1, 3) * 6) % 10


def iban(country: str, account: str) -> str:
    """The IBAN of a country's account number: its two check digits make the whole 1 modulo 97."""
    digits = f"{account}{country}00".translate(_AS_NUMBERS)
    return f"{country}{98 - int(digits) % 97:02}{account}"
