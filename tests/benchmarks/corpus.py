"""Made-up entries of a German council's knowledge base, as many as wanted, seeded."""

from __future__ import annotations

import random
from collections.abc import Iterator

from knowledge.search import Document


def _listed(words: str) -> list[str]:
    return words.split()


_TOPICS = _listed(
    """Integration Sprach Bildung Arbeits Wohnungs Gesundheits Familien Jugend Senioren Frauen
Kultur Sport Verkehrs Umwelt Klima Energie Haushalts Personal Sicherheits Ordnungs
Stadtteil Schul Kita Ausbildungs Berufs Migrations Flüchtlings Teilhabe Beteiligungs
Quartiers Nachbarschafts Dolmetscher Beratungs Förder Vereins Ehrenamts Digital
Verwaltungs Bürger Ausländer Einbürgerungs Unterkunfts Pflege Suchthilfe Präventions
Gewaltschutz Spiel Grünflächen Radwege Brücken"""
)
_THINGS = _listed(
    """konzept plan programm projekt netzwerk forum beirat ausschuss büro zentrum angebot kurs
lotse stelle behörde amt richtlinie satzung bericht strategie leitlinie maßnahme
initiative fonds preis tag woche konferenz werkstatt mentoring pool portal hotline
broschüre gutachten umfrage vorhaben vertrag vereinbarung budget zuschuss antrag beschluss
vorlage anfrage statistik"""
)
_ROOTS = _listed(
    """berg tal bach feld hof heim dorf burg stein wald brunn leben stedt hausen roda ried born
see furt au winkel rode kirch markt brück"""
)
_FIRST = _listed(
    """Alt Neu Ober Unter Groß Klein Hohen Nieder Wald Stein Linden Eichen Buchen Rosen Mühl Salz
Wein Winter Sommer Franken Kaiser König Bischof Sankt-"""
)
_VERBS = _listed(
    """beschließt fördert prüft plant verlängert erweitert eröffnet verschiebt finanziert
koordiniert begleitet bewertet veröffentlicht unterstützt übernimmt beendet"""
)
_FILLING = _listed(
    """der die das und in von mit für auf den zu im ist eine des dem nicht auch bis nach über
wird werden sowie durch bei seit unter aus zum zur"""
)
_OBJECTS = _listed(
    """Menschen Kinder Mütter Geflüchtete Zugewanderte Ehrenamtliche Vereine Schulen Träger
Fachkräfte Anwohner Unternehmen Kliniken Initiativen Verwaltung Stadtrat Ortsteile Partner"""
)
_ASKED = (
    "Wie ist der Stand beim {name}?",
    "Wer ist für {name} zuständig?",
    "Bis wann wird {name} umgesetzt?",
    "Was kostet {name} im Jahr {year}?",
    "Warum verzögert sich {name} in {place}?",
    "{name} {place}",
)


def _place(chance: random.Random) -> str:
    return (
        chance.choice(_FIRST)
        + chance.choice(_ROOTS)
        + chance.choice(("", "", chance.choice(_ROOTS)))
    )


def _name(chance: random.Random) -> str:
    """A compound of two or three parts, the commoner parts far more often."""
    topic = _TOPICS[min(len(_TOPICS) - 1, int(chance.expovariate(1 / 12)))]
    thing = _THINGS[min(len(_THINGS) - 1, int(chance.expovariate(1 / 12)))]
    middle = chance.choice(("", "", chance.choice(_TOPICS).lower()))
    return f"{topic}{middle}{thing}"


def _sentence(chance: random.Random) -> str:
    filling = chance.choices(_FILLING, k=8)
    return (
        f"{filling[0]} {_name(chance)} {filling[1]} {_place(chance)} {chance.choice(_VERBS)} "
        f"{filling[2]} {chance.choice(_OBJECTS)} {filling[3]} {filling[4]} {_name(chance)} "
        f"{filling[5]} {filling[6]} {chance.choice(_OBJECTS)} {filling[7]} "
        f"{chance.randint(2010, 2030)}."
    )


def entry(number: int, seed: int = 0) -> Document:
    """The entry with a number: the same at every size of the knowledge base."""
    chance = random.Random(f"{seed}:{number}")
    place = _place(chance)
    return Document(
        key=f"E-{number:06d}",
        title=f"{_name(chance)} {place}",
        text=f"{_sentence(chance)} {_sentence(chance)}".capitalize(),
        aliases=(f"{chance.randint(1, 9999)}/{chance.randint(10, 30)}",),
    )


def entries(size: int, seed: int = 0) -> Iterator[Document]:
    """So many entries, of some thirty-five words each."""
    return (entry(number, seed) for number in range(size))


def questions(size: int, seed: int = 1) -> list[str]:
    """Questions on subjects of the knowledge base, half of them by an existing title."""
    chance = random.Random(seed)
    asked = []
    for number in range(size):
        known = entry(chance.randrange(1000)).title.rsplit(" ", 1)
        name, place = known if number % 2 else (_name(chance), _place(chance))
        form = chance.choice(_ASKED)
        asked.append(form.format(name=name, place=place, year=chance.randint(2015, 2030)))
    return asked
