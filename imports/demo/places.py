"""Cities with their regions, postal codes and dialling codes.

One line for each city: name, region, size (L city, M town, S country), dialling code (with the first digits of its
numbers where not all are in use), postal codes. The postal codes are real ones of the city; Dutch, British and Irish
ones are given by their first half, `countries` adds the second.
"""

from dataclasses import dataclass

from models.contact_points import AreaKind


@dataclass(frozen=True, slots=True)
class City:
    """A place people live in."""

    name: str
    region: str
    dialling_code: str
    postal_codes: tuple[str, ...]
    areas: tuple[AreaKind, ...]


_AREAS = {
    "L": (AreaKind.URBAN,) * 4 + (AreaKind.SUBURBAN,),
    "M": (AreaKind.URBAN,) * 2 + (AreaKind.SUBURBAN,) * 2 + (AreaKind.RURAL,),
    "S": (AreaKind.SUBURBAN,) + (AreaKind.RURAL,) * 4,
}
# How much more often people live in a city than in a small place.
_POPULATION = {"L": 6, "M": 2, "S": 1}

_DE = """
Berlin|Berlin|L|30|10115 10117 10243 10405 10585 10823 10961 12043 13353
Hamburg|Hamburg|L|40|20095 20144 20249 20357 22085 22303
München|Bayern|L|89|80331 80469 80538 80636 80799 81541 81667
Köln|Nordrhein-Westfalen|L|221|50667 50672 50733 50823 50937 51065
Düsseldorf|Nordrhein-Westfalen|L|211|40210 40213 40217 40477 40545
Frankfurt am Main|Hessen|L|69|60311 60316 60318 60385 60486 60594
Stuttgart|Baden-Württemberg|L|711|70173 70178 70190 70372 70563
Leipzig|Sachsen|L|341|04103 04107 04155 04229 04315
Bremen|Bremen|M|421|28195 28203 28209 28215
Freiburg im Breisgau|Baden-Württemberg|M|761|79098 79100 79104 79115
Rostock|Mecklenburg-Vorpommern|M|381|18055 18057 18059
Erfurt|Thüringen|M|361|99084 99085 99089
Kiel|Schleswig-Holstein|M|431|24103 24105 24114
Mainz|Rheinland-Pfalz|M|6131|55116 55118 55131
Saarbrücken|Saarland|M|681|66111 66117 66119
Potsdam|Brandenburg|M|331|14467 14469 14482
Magdeburg|Sachsen-Anhalt|M|391|39104 39108 39112
Lüneburg|Niedersachsen|M|4131|21335 21337
Husum|Schleswig-Holstein|S|4841|25813
Füssen|Bayern|S|8362|87629
Wernigerode|Sachsen-Anhalt|S|3943|38855
Bad Dürkheim|Rheinland-Pfalz|S|6322|67098
"""
_AT = """
Wien|Wien|L|1|1010 1020 1030 1070 1090 1100 1160 1180 1220
Graz|Steiermark|L|316|8010 8020 8042
Linz|Oberösterreich|M|732|4020 4030 4040
Salzburg|Salzburg|M|662|5020 5023
Innsbruck|Tirol|M|512|6020
Klagenfurt am Wörthersee|Kärnten|M|463|9020
St. Pölten|Niederösterreich|M|2742|3100
Bregenz|Vorarlberg|M|5574|6900
Eisenstadt|Burgenland|S|2682|7000
Zell am See|Salzburg|S|6542|5700
Hallstatt|Oberösterreich|S|6134|4830
"""
_CH_DE = """
Zürich|Zürich|L|44|8001 8003 8004 8006 8008 8032 8050
Bern|Bern|L|31|3006 3007 3011 3012 3014
Basel|Basel-Stadt|L|61|4051 4052 4053 4057
Luzern|Luzern|M|41|6003 6004 6005
St. Gallen|St. Gallen|M|71|9000 9008
Winterthur|Zürich|M|52|8400 8405
Zug|Zug|M|41|6300
Thun|Bern|S|33|3600
Appenzell|Appenzell Innerrhoden|S|71|9050
Davos|Graubünden|S|81|7260 7270
"""
_CH_FR = """
Genève|Genève|L|22|1201 1203 1205 1206 1207
Lausanne|Vaud|L|21|1003 1004 1005 1006
Neuchâtel|Neuchâtel|M|32|2000
Fribourg|Fribourg|M|26|1700
Sion|Valais|M|27|1950
Montreux|Vaud|S|21|1820
Delémont|Jura|S|32|2800
"""
_CH_IT = """
Lugano|Ticino|M|91|6900
Bellinzona|Ticino|M|91|6500
Locarno|Ticino|S|91|6600
"""
_FR = """
Paris|Île-de-France|L|1|75003 75005 75011 75012 75015 75018 75020
Lyon|Auvergne-Rhône-Alpes|L|4|69001 69003 69006 69007
Marseille|Provence-Alpes-Côte d'Azur|L|4|13001 13006 13008
Toulouse|Occitanie|L|5|31000 31200 31400
Bordeaux|Nouvelle-Aquitaine|L|5|33000 33200 33800
Nantes|Pays de la Loire|L|240|44000 44100 44300
Lille|Hauts-de-France|L|3|59000 59800
Strasbourg|Grand Est|L|3|67000 67100
Rennes|Bretagne|M|299|35000 35200
Nice|Provence-Alpes-Côte d'Azur|M|4|06000 06100 06200
Dijon|Bourgogne-Franche-Comté|M|3|21000
Tours|Centre-Val de Loire|M|247|37000 37100
Rouen|Normandie|M|235|76000 76100
Colmar|Grand Est|M|3|68000
Quimper|Bretagne|M|298|29000
Honfleur|Normandie|S|231|14600
Sarlat-la-Canéda|Nouvelle-Aquitaine|S|5|24200
Aurillac|Auvergne-Rhône-Alpes|S|4|15000
"""
_IT = """
Roma|Lazio|L|06|00153 00184 00185 00186 00198
Milano|Lombardia|L|02|20121 20122 20124 20129 20144
Torino|Piemonte|L|011|10121 10122 10128
Napoli|Campania|L|081|80121 80133 80138
Bologna|Emilia-Romagna|L|051|40121 40123 40126
Firenze|Toscana|L|055|50121 50122 50125
Genova|Liguria|M|010|16121 16122
Palermo|Sicilia|L|091|90133 90139
Verona|Veneto|M|045|37121 37122
Bari|Puglia|M|080|70121 70122
Trieste|Friuli-Venezia Giulia|M|040|34121 34123
Cagliari|Sardegna|M|070|09124 09125
Perugia|Umbria|M|075|06121 06123
Bolzano|Trentino-Alto Adige|M|0471|39100
Lecce|Puglia|M|0832|73100
Orvieto|Umbria|S|0763|05018
Cefalù|Sicilia|S|0921|90015
"""
_ES = """
Madrid|Comunidad de Madrid|L|91|28001 28004 28010 28015 28028
Barcelona|Cataluña|L|93|08001 08007 08012 08025 08036
Valencia|Comunitat Valenciana|L|96|46001 46004 46021
Sevilla|Andalucía|L|95|41001 41004 41013
Zaragoza|Aragón|L|976|50001 50004
Málaga|Andalucía|L|95|29001 29015
Bilbao|País Vasco|M|94|48001 48009
A Coruña|Galicia|M|981|15001 15003
Valladolid|Castilla y León|M|983|47001
Palma|Illes Balears|M|971|07001 07012
Murcia|Región de Murcia|M|968|30001 30004
Oviedo|Principado de Asturias|M|985|33001
Santander|Cantabria|M|942|39001
Cuenca|Castilla-La Mancha|S|969|16001
Ronda|Andalucía|S|95|29400
"""
_NL = """
Amsterdam|Noord-Holland|L|20|1012 1016 1018 1053 1071 1091
Rotterdam|Zuid-Holland|L|10|3011 3012 3023 3061
Den Haag|Zuid-Holland|L|70|2511 2514 2563
Utrecht|Utrecht|L|30|3511 3512 3581
Eindhoven|Noord-Brabant|M|40|5611 5612 5615
Groningen|Groningen|M|50|9711 9712 9718
Maastricht|Limburg|M|43|6211 6221
Leeuwarden|Friesland|M|58|8911 8921
Zwolle|Overijssel|M|38|8011 8017
Arnhem|Gelderland|M|26|6811 6821
Delft|Zuid-Holland|M|15|2611 2613
Middelburg|Zeeland|S|118|4331
Assen|Drenthe|S|592|9401
"""
_GB = """
London|England|L|207|E8 N1 NW3 SE5 SW4 W6
Manchester|England|L|161|M1 M14 M20 M21
Birmingham|England|L|121|B13 B15 B29 B30
Leeds|England|L|1132|LS2 LS6 LS7
Bristol|England|L|1179|BS2 BS6 BS8
Liverpool|England|L|151|L1 L15 L17
Oxford|England|M|1865|OX1 OX2 OX4
Norwich|England|M|1603|NR2 NR3
Edinburgh|Scotland|L|131|EH1 EH3 EH6
Glasgow|Scotland|L|141|G3 G11 G12 G41
Inverness|Scotland|S|1463|IV2
Cardiff|Wales|M|2920|CF5 CF10 CF24
Aberystwyth|Wales|S|1970|SY23
Belfast|Northern Ireland|M|2890|BT7 BT9
Whitby|England|S|1947|YO21
"""
_IE = """
Dublin|Leinster|L|1|D01 D02 D04 D06 D08
Cork|Munster|L|21|T12 T23
Galway|Connacht|M|91|H91
Limerick|Munster|M|61|V94
Waterford|Munster|M|51|X91
Kilkenny|Leinster|M|56771|R95
Sligo|Connacht|S|71914|F91
Letterkenny|Ulster|S|74912|F92
Tralee|Munster|S|66712|V92
"""


def _cities(table: str) -> tuple[City, ...]:
    cities: list[City] = []
    for line in table.split("\n"):
        if line:
            name, region, size, dialling_code, codes = line.split("|")
            city = City(name, region, dialling_code, tuple(codes.split()), _AREAS[size])
            cities += [city] * _POPULATION[size]
    return tuple(cities)


CITIES: dict[str, tuple[City, ...]] = {
    market: _cities(table)
    for market, table in {
        "DE": _DE,
        "AT": _AT,
        "CH-de": _CH_DE,
        "CH-fr": _CH_FR,
        "CH-it": _CH_IT,
        "FR": _FR,
        "IT": _IT,
        "ES": _ES,
        "NL": _NL,
        "GB": _GB,
        "IE": _IE,
    }.items()
}
"""The cities of each market; large ones stand there more often, so that an even draw gives a likely spread."""
