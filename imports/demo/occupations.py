"""What people live on: occupations with the schooling they need and what they earn."""

from dataclasses import dataclass

from models.customers import Education, EmploymentStatus

_LANGUAGES = ("en", "de", "fr", "it", "es", "nl")


@dataclass(frozen=True, slots=True)
class Occupation:
    """An occupation: its words by language, the education it takes, a yearly gross income in euros and its status."""

    words: dict[str, str]
    education: Education
    low: int
    high: int
    status: EmploymentStatus


def _occupations() -> dict[Education, tuple[Occupation, ...]]:
    table = """
SECONDARY EMPLOYED 19000 29000|shop assistant|Verkauf|vente en magasin|commesso|dependiente|winkelmedewerker
SECONDARY EMPLOYED 21000 33000|lorry driver|Berufskraftfahrer|chauffeur routier|autista|camionero|vrachtwagenchauffeur
SECONDARY EMPLOYED 20000 31000|warehouse worker|Lagerlogistik|magasinier|magazziniere|mozo de almacén|magazijnmedewerker
SECONDARY EMPLOYED 18000 27000|kitchen staff|Küchenhilfe|aide de cuisine|aiuto cuoco|ayudante de cocina|keukenhulp
VOCATIONAL EMPLOYED 30000 46000|nurse|Pflegefachkraft|soins infirmiers|infermiere|enfermería|verpleegkundige
VOCATIONAL EMPLOYED 28000 44000|electrician|Elektrohandwerk|électricité|elettricista|electricista|elektricien
VOCATIONAL SELF_EMPLOYED 30000 72000|joiner|Tischlerei|menuiserie|falegnameria|carpintería|timmerman
VOCATIONAL EMPLOYED 29000 48000|accounts clerk|Buchhaltung|comptabilité|contabilità|contabilidad|boekhouding
VOCATIONAL SELF_EMPLOYED 22000 52000|hairdresser|Friseursalon|coiffure|parrucchiere|peluquería|kapper
VOCATIONAL CIVIL_SERVANT 34000 52000|police officer|Polizei|police|polizia|policía|politie
COLLEGE EMPLOYED 36000 58000|sales representative|Außendienst|représentation commerciale|vendite|comercial|vertegenwoordiger
COLLEGE EMPLOYED 38000 62000|site manager|Bauleitung|conduite de travaux|capocantiere|jefatura de obra|uitvoerder
BACHELOR EMPLOYED 45000 78000|software developer|Softwareentwicklung|développement logiciel|programmatore|programación|softwareontwikkelaar
BACHELOR CIVIL_SERVANT 40000 60000|social worker|Sozialarbeit|travail social|assistente sociale|trabajo social|maatschappelijk werk
BACHELOR EMPLOYED 42000 70000|marketing specialist|Marketing|marketing|marketing|marketing|marketing
BACHELOR SELF_EMPLOYED 32000 95000|graphic designer|Grafikdesign|graphisme|grafica|diseño gráfico|grafisch ontwerper
MASTER CIVIL_SERVANT 48000 74000|teacher|Lehrkraft|enseignement|insegnante|docencia|leraar
MASTER EMPLOYED 58000 110000|mechanical engineer|Maschinenbauingenieurwesen|ingénierie mécanique|ingegnere meccanico|ingeniería mecánica|werktuigbouwkundige
MASTER SELF_EMPLOYED 60000 210000|architect|Architekturbüro|architecture|architetto|arquitectura|architect
MASTER EMPLOYED 75000 190000|head of department|Bereichsleitung|direction de département|dirigente|dirección de área|afdelingshoofd
MASTER SELF_EMPLOYED 70000 260000|lawyer|Rechtsanwaltskanzlei|barreau|avvocato|abogacía|advocaat
DOCTORATE EMPLOYED 80000 170000|hospital doctor|Krankenhausmedizin|médecine hospitalière|medico ospedaliero|medicina hospitalaria|ziekenhuisarts
DOCTORATE SELF_EMPLOYED 95000 310000|dentist|Zahnarztpraxis|cabinet dentaire|dentista|odontología|tandarts
DOCTORATE CIVIL_SERVANT 62000 105000|university lecturer|Hochschullehre|enseignement supérieur|docente universitario|docencia universitaria|universitair docent
"""  # noqa: E501
    found: dict[Education, list[Occupation]] = {}
    for line in table.strip().split("\n"):
        head, *words = line.split("|")
        education, status, low, high = head.split()
        occupation = Occupation(
            dict(zip(_LANGUAGES, words, strict=True)),
            Education[education],
            int(low),
            int(high),
            EmploymentStatus[status],
        )
        found.setdefault(occupation.education, []).append(occupation)
    return {education: tuple(occupations) for education, occupations in found.items()}


OCCUPATIONS: dict[Education, tuple[Occupation, ...]] = _occupations()
