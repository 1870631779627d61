"""The markets: a country, or a language region of one, with its names, streets, phones, postal codes and currency."""

from collections.abc import Callable
from dataclasses import dataclass, field

from imports.demo.dice import Dice, shares
from imports.demo.names import Names, names_of
from imports.demo.places import CITIES, City

_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


@dataclass(frozen=True, slots=True)
class Market:
    """A country, or a language region of one, as the generator sees it."""

    code: str
    country: str
    language: str
    currency: str
    calling_code: str
    mobiles: tuple[str, ...]  # beginnings of mobile numbers; # is any digit
    landline_length: int  # digits after the calling code, dialling code included
    street: Callable[[Dice, Names], str]
    family: str  # how a household is called
    trades: tuple[str, ...]
    suffixes: tuple[str, ...]
    register: str  # how an entry in the commercial register begins
    post_box: str
    price_level: float  # premiums and incomes against the euro area's, in the market's currency
    names: Names = field(repr=False)
    cities: tuple[City, ...] = field(repr=False)

    def mobile(self, dice: Dice) -> str:
        """A mobile number in E.164."""
        return self.calling_code + "".join(dice.digits(1) if c == "#" else c for c in dice.pick(self.mobiles))

    def landline(self, dice: Dice, city: City) -> str:
        """A land line of the city in E.164."""
        rest = max(self.landline_length - len(city.dialling_code), 4)
        return f"{self.calling_code}{city.dialling_code}{dice.between(2, 7)}{dice.digits(rest - 1)}"

    def postal_code(self, dice: Dice, city: City) -> str:
        """A postal code of the city."""
        code = dice.pick(city.postal_codes)
        if self.country == "NL":
            return f"{code} {dice.pick(_LETTERS)}{dice.pick(_LETTERS)}"
        if self.country == "GB":
            return f"{code} {dice.digits(1)}{dice.pick(_LETTERS)}{dice.pick(_LETTERS)}"
        if self.country == "IE":
            return f"{code} {dice.pick('ACDEFHKNPRTVWXY')}{dice.digits(2)}{dice.pick('ACDEFHKNPRTVWXY')}"
        return code

    def organisation_name(self, dice: Dice) -> str:
        """The registered name of a company."""
        name, suffix = dice.pick(self.names.last), dice.pick(self.suffixes)
        if dice.chance(0.25):
            return f"{name} & {dice.pick(self.names.last)} {suffix}"
        return f"{name} {dice.pick(self.trades)} {suffix}"


def _house(dice: Dice) -> int:
    return dice.skewed(1, 149)


def _german_street(dice: Dice, names: Names) -> str:
    return f"{dice.pick(names.last)}{dice.pick(('straße', 'straße', 'weg', 'gasse', 'platz', 'allee'))} {_house(dice)}"


def _swiss_street(dice: Dice, names: Names) -> str:
    return f"{dice.pick(names.last)}{dice.pick(('strasse', 'strasse', 'weg', 'gasse'))} {_house(dice)}"


def _french_street(dice: Dice, names: Names) -> str:
    kind = dice.pick(("rue", "rue", "avenue", "boulevard", "chemin"))
    return f"{_house(dice)}, {kind} {dice.pick(names.male)} {dice.pick(names.last)}"


def _italian_street(dice: Dice, names: Names) -> str:
    kind = dice.pick(("Via", "Via", "Viale", "Piazza", "Vicolo"))
    return f"{kind} {dice.pick(names.male)} {dice.pick(names.last)}, {_house(dice)}"


def _spanish_street(dice: Dice, names: Names) -> str:
    kind = dice.pick(("Calle", "Calle", "Avenida", "Paseo", "Plaza"))
    return f"{kind} de {dice.pick(names.male)} {dice.pick(names.last)}, {_house(dice)}"


def _dutch_street(dice: Dice, names: Names) -> str:
    return f"{dice.pick(names.female)}{dice.pick(('straat', 'straat', 'laan', 'weg', 'hof', 'singel'))} {_house(dice)}"


def _british_street(dice: Dice, names: Names) -> str:
    kind = dice.pick(("Road", "Street", "Lane", "Avenue", "Close", "Gardens"))
    return f"{_house(dice)} {dice.pick(names.last)} {kind}"


_GERMAN_TRADES = ("Maschinenbau", "Bau", "Elektrotechnik", "Logistik", "Druck", "Möbel", "Software", "Gartenbau")
_FRENCH_TRADES = ("Mécanique", "Construction", "Électricité", "Transports", "Imprimerie", "Meubles", "Informatique")
_ITALIAN_TRADES = ("Meccanica", "Costruzioni", "Elettronica", "Trasporti", "Stampa", "Mobili", "Informatica")
_SPANISH_TRADES = ("Construcción", "Transportes", "Talleres", "Logística", "Suministros", "Tecnologías")
_DUTCH_TRADES = ("Bouw", "Techniek", "Transport", "Drukkerij", "Meubelen", "Software", "Kwekerij")
_ENGLISH_TRADES = ("Engineering", "Construction", "Electrical", "Logistics", "Printing", "Furniture", "Software")


def _market(
    code: str,
    currency: str,
    calling: str,
    mobiles: str,
    landline_length: int,
    street: Callable[[Dice, Names], str],
    family: str,
    trades: tuple[str, ...],
    suffixes: str,
    register: str,
    post_box: str,
    *,
    locale: str,
    price_level: float = 1.0,
) -> Market:
    language, country = locale.split("_")
    return Market(
        code=code,
        country=code[:2],
        language=f"{language}-{country}" if language == "en" or code in ("AT", "CH-de") else language,
        currency=currency,
        calling_code=calling,
        mobiles=tuple(mobiles.split()),
        landline_length=landline_length,
        street=street,
        family=family,
        trades=trades,
        suffixes=tuple(suffixes.split("|")),
        register=register,
        post_box=post_box,
        price_level=price_level,
        names=names_of(locale),
        cities=CITIES[code],
    )


def _markets() -> dict[str, Market]:
    german = ("151######## 1520####### 160####### 170####### 171####### 175####### 176########", 10)
    swiss = ("76####### 78####### 79#######", 9)
    italian = "320####### 333####### 338####### 347####### 349#######"
    french = "61####### 62####### 66####### 67####### 76#######"
    markets = (
        _market("DE", "EUR", "+49", *german, _german_street, "Familie {}", _GERMAN_TRADES,
                "GmbH|GmbH|AG|KG|e.K.|GmbH & Co. KG", "HRB", "Postfach", locale="de_DE"),
        _market("AT", "EUR", "+43", "664####### 676####### 699########", 9, _german_street, "Familie {}",
                _GERMAN_TRADES, "GmbH|GmbH|AG|KG|OG", "FN", "Postfach", locale="de_AT"),
        _market("CH-de", "CHF", "+41", *swiss, _swiss_street, "Familie {}", _GERMAN_TRADES, "AG|AG|GmbH|& Co.|& Söhne",
                "CHE", "Postfach", locale="de_CH", price_level=1.45),
        _market("CH-fr", "CHF", "+41", *swiss, _french_street, "Famille {}", _FRENCH_TRADES, "SA|Sàrl", "CHE",
                "Case postale", locale="fr_CH", price_level=1.45),
        _market("CH-it", "CHF", "+41", *swiss, _italian_street, "Famiglia {}", _ITALIAN_TRADES, "SA|Sagl", "CHE",
                "Casella postale", locale="it_IT", price_level=1.4),
        _market("FR", "EUR", "+33", french, 9, _french_street, "Famille {}", _FRENCH_TRADES, "SA|SARL|SAS|et Fils",
                "RCS", "BP", locale="fr_FR"),
        _market("IT", "EUR", "+39", italian, 10, _italian_street, "Famiglia {}", _ITALIAN_TRADES,
                "S.p.A.|S.r.l.|S.r.l.|e Figli", "REA", "Casella postale", locale="it_IT", price_level=0.85),
        _market("ES", "EUR", "+34", "61####### 62####### 64####### 66####### 69#######", 9, _spanish_street,
                "Familia {}", _SPANISH_TRADES, "S.A.|S.L.|S.L.|S.L.U.", "RM", "Apartado", locale="es_ES",
                price_level=0.8),
        _market("NL", "EUR", "+31", "61####### 62####### 63####### 64#######", 9, _dutch_street, "Familie {}",
                _DUTCH_TRADES, "B.V.|B.V.|N.V.|Groep", "KvK", "Postbus", locale="nl_NL", price_level=1.1),
        _market("GB", "GBP", "+44", "7400###### 7712###### 7801###### 7912######", 10, _british_street,
                "The {} family", _ENGLISH_TRADES, "Ltd|Ltd|PLC|LLP|& Sons", "CH", "PO Box", locale="en_GB",
                price_level=0.9),
        _market("IE", "EUR", "+353", "83####### 85####### 86####### 87#######", 8, _british_street, "The {} family",
                _ENGLISH_TRADES, "Ltd|DAC|PLC|& Sons", "CRO", "PO Box", locale="en_IE", price_level=1.15),
    )  # fmt: skip
    return {market.code: market for market in markets}


MARKETS: dict[str, Market] = _markets()

# How the customers spread over the markets, in percent.
SPREAD: tuple[Market, ...] = shares(
    {
        MARKETS[code]: weight
        for code, weight in {
            "DE": 38, "AT": 8, "CH-de": 7, "CH-fr": 3, "CH-it": 1, "FR": 13, "IT": 9, "ES": 8, "NL": 5, "GB": 5, "IE": 3
        }.items()
    }
)  # fmt: skip
