"""What is insured: facts about the vehicle, the home or the journey that have no column of their own."""

from typing import Any

from imports.demo.catalogue import Product
from imports.demo.moments import Day, to_date
from imports.demo.world import Customer, Organisation, World
from models.products import LineOfBusiness as Line

_CARS = (("Volkswagen", "Golf"), ("Volkswagen", "ID.3"), ("Škoda", "Octavia"), ("Renault", "Clio"), ("Peugeot", "208"),
         ("Fiat", "500"), ("SEAT", "León"), ("BMW", "320d"), ("Mercedes-Benz", "C 200"), ("Audi", "A4"),
         ("Toyota", "Yaris"), ("Ford", "Focus"), ("Opel", "Corsa"), ("Volvo", "XC40"), ("Tesla", "Model 3"),
         ("Dacia", "Sandero"), ("Hyundai", "Kona"), ("Citroën", "C3"))  # fmt: skip
_BIKES = (("Yamaha", "MT-07"), ("Honda", "CB500F"), ("BMW", "R 1250 GS"), ("Vespa", "Primavera"), ("Ducati", "Monster"))
_REGIONS = ("Europe", "Europe", "World", "World without USA")
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def risk_facts(world: World, holder: Customer, product: Product, start: Day) -> dict[str, Any] | None:
    """The facts of a contract of the product; none where the product has nothing to tell."""
    dice = world.dice
    year = to_date(start).year
    if product.line is Line.MOTOR:
        maker, model = dice.pick(_BIKES if product.category.code == "motor-bike" else _CARS)
        plate = f"{holder.home.city.name[:1]}-{dice.pick(_LETTERS)}{dice.pick(_LETTERS)} {dice.between(10, 9999)}"
        vehicle = {"maker": maker, "model": model, "year": max(year - dice.skewed(0, 12), 1998), "plate": plate}
        return {"vehicle": vehicle, "yearlyKilometres": dice.between(5, 25) * 1000}
    if product.line is Line.HOME:
        built = dice.between(1900, year - 1)
        return {"livingArea": dice.between(35, 210), "builtIn": built, "address": holder.home.street}
    if product.line is Line.TRAVEL:
        return {"region": dice.pick(_REGIONS), "travellers": dice.between(1, 4)}
    if isinstance(holder, Organisation) and product.line is Line.COMMERCIAL:
        return {"employees": holder.employees, "turnover": holder.employees * dice.between(60, 240) * 1000}
    return None
