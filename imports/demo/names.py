"""The word stock: given and family names from Faker's word lists, and what is made of a name.

Faker itself is asked nothing at run time: a call for each row would take longer than all the rest.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from unicodedata import combining, normalize

_ROUND_THE_CORNER = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "ł": "l", "'": "", "\u2019": "", " ": "", ".": ""}
)
MAIL_DOMAINS = (
    "mail.example",
    "mail.example",
    "post.example",
    "inbox.example",
    "example.com",
    "example.org",
    "example.net",
    "web.example.net",
    "home.example.org",
)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a market."""

    female: tuple[str, ...]
    male: tuple[str, ...]
    last: tuple[str, ...]


def _tidy(words: Iterable[str], fits: Callable[[str], bool]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if fits(word)))


def _given(word: str) -> bool:
    return word.replace("-", "").replace(" ", "").isalpha()


def _family(word: str) -> bool:
    # Some lists hold whole noble lineages and misspelt ones: a name of one word, or a short one with its particle.
    return word.replace("-", "").replace("'", "").replace(" ", "").isalpha() and word.count(" ") <= 2 and len(word) < 20


@lru_cache
def names_of(locale: str) -> Names:
    """The names of one of Faker's locales, such as de_AT."""
    provider = import_module(f"faker.providers.person.{locale}").Provider
    return Names(
        _tidy(provider.first_names_female, _given),
        _tidy(provider.first_names_male, _given),
        _tidy(provider.last_names, _family),
    )


@lru_cache(maxsize=50_000)
def mailbox(text: str) -> str:
    """A name as it stands in an e-mail address: lower case, without accents."""
    folded = normalize("NFKD", text.lower().translate(_ROUND_THE_CORNER))
    return "".join(c for c in folded if not combining(c) and ((c.isascii() and c.isalnum()) or c == "-")).strip("-")
