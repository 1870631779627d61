"""Whether a mapping fits the tables: everything that can be known before a file is opened."""

from collections.abc import Iterator

from imports.mapping import catalogue
from imports.mapping.catalogue import NUMBERS, TIMES, Entity, Kind, Target, entity
from imports.mapping.constants import constant_text
from imports.mapping.structure import SHIFTS, FieldSpec, Mapping, RecordSpec

_ATTRIBUTE_KINDS = {
    None: Kind.TEXT,
    "text": Kind.TEXT,
    "integer": Kind.INTEGER,
    "decimal": Kind.DECIMAL,
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
}


def attribute_target(name: str, spec: FieldSpec) -> Target:
    """An attribute (a key of a JSON object), described like a column. Decimals keep up to six digits."""
    return Target(name=name, kind=_ATTRIBUTE_KINDS[spec.type], precision=30, scale=6)


def problems(mapping: Mapping) -> list[str]:
    """What is wrong with the mapping, in the order of the file; each names the place and what is expected there."""
    return [*_reference_problems(mapping), *_record_problems(mapping)]


def _reference_problems(mapping: Mapping) -> Iterator[str]:
    for table, rows in mapping.references.items():
        try:
            kind = entity(table)
            catalogue.lookup_column(f"{table}.code")
        except (KeyError, ValueError):
            yield f"references.{table}: expected a table whose rows are known by a code ({', '.join(_coded())})"
            continue
        for number, row in enumerate(rows, 1):
            place = f"references.{table}[{number}]"
            for name in row.keys() - kind.targets.keys():
                yield f"{place}.{name}: {table} has no such field; expected one of {', '.join(kind.targets)}"
            for target in kind.targets.values():
                value = row.get(target.name)
                if value is None:
                    if target.required:
                        yield f"{place}: {target.name} is required"
                    continue
                try:
                    constant_text(target, value)
                except ValueError as error:
                    yield f"{place}.{target.name}: {error}"


def _coded() -> list[str]:
    return [name for name in catalogue.IMPORTABLE if "code" in entity(name).targets]


def _record_problems(mapping: Mapping) -> Iterator[str]:
    above: dict[str, RecordSpec] = {}
    keys: dict[tuple[str, str], RecordSpec] = {}
    for record in mapping.records:
        place = f'records "{record.name}"'
        if record.name in above:
            yield f"{place}: another record has the same name"
        try:
            kind = entity(record.table)
        except KeyError:
            yield (f"{place}, table: unknown table {record.table!r}; expected one of {', '.join(catalogue.IMPORTABLE)}")
            continue
        twin = keys.setdefault((record.table, record.key), record)
        # Two records with conditions may exclude each other; if they do not, the row is refused.
        if twin is not record and not (twin.when and record.when):
            yield f'{place}, key: records "{twin.name}" makes rows of {record.table} with this key too'
        yield from (f"{place}{text}" for text in _counter_problems(record))
        yield from (f"{place}, {text}" for text in _field_problems(mapping, record, kind, above))
        above[record.name] = record


def _counter_problems(record: RecordSpec) -> Iterator[str]:
    if record.repeat is None:
        if any(template.counts for template in record.templates()):
            yield ": {#} is the number of a repeated record; expected repeat"
    elif not next(record.templates()).counts:
        yield ", key: a repeated record needs {#} in its key"


def _field_problems(mapping: Mapping, record: RecordSpec, kind: Entity, above: dict[str, RecordSpec]) -> Iterator[str]:
    for name, spec in record.fields.items():
        target = kind.targets.get(name)
        if target is None:
            hint = "; use attributes for JSON" if name == "attributes" else ""
            yield f"fields.{name}: {record.table} has no such field{hint}; expected one of {', '.join(kind.targets)}"
            continue
        yield from (f"fields.{name}{text}" for text in _spec_problems(mapping, spec, target, above))
        if spec.type is not None:
            yield f"fields.{name}.type: only an attribute has a type; the column's is {target.kind.name.lower()}"
    for target in kind.targets.values():
        if target.required and target.name not in record.fields:
            yield f"fields.{target.name}: is required in {record.table}"
    if record.attributes and not kind.has_attributes:
        yield f"attributes: {record.table} has no attributes"
    for name, spec in record.attributes.items():
        if spec.once:
            yield f"attributes.{name}.once: attributes cannot be kept"
        yield from (
            f"attributes.{name}{text}" for text in _spec_problems(mapping, spec, attribute_target(name, spec), above)
        )


def _spec_problems(mapping: Mapping, spec: FieldSpec, target: Target, above: dict[str, RecordSpec]) -> Iterator[str]:
    if target.kind is Kind.REFERENCE:
        yield from _row_problems(mapping, spec, target, above)
    else:
        for key in ("record", "imported", "lookup"):
            if getattr(spec, key) is not None:
                yield f".{key}: expected a value, not a row ({target.name} is a {target.kind.name.lower()} column)"
                return
        for key in ("value", "default"):
            constant = getattr(spec, key)
            if constant is not None:
                yield from _constant_problems(target, constant, f".{key}")
    yield from _map_problems(mapping, spec, target)
    yield from _modifier_problems(spec, target, above)


def _constant_problems(target: Target, value: object, place: str) -> Iterator[str]:
    try:
        constant_text(target, value)  # type: ignore[arg-type]
    except ValueError as error:
        yield f"{place}: {error}"


def _map_problems(mapping: Mapping, spec: FieldSpec, target: Target) -> Iterator[str]:
    try:
        values = mapping.map_of(spec) or {}
    except KeyError:
        yield f".map: there is no maps.{spec.map}; expected one of {', '.join(mapping.maps) or 'the maps (none given)'}"
        return
    # The map of a reference gives keys or codes, which are texts.
    taken = Target(target.name, Kind.TEXT) if target.kind is Kind.REFERENCE else target
    for key, value in values.items():
        where = f"maps.{spec.map}" if isinstance(spec.map, str) else "map"
        yield from _constant_problems(taken, value, f".map ({where}.{key})")


def _row_problems(mapping: Mapping, spec: FieldSpec, target: Target, above: dict[str, RecordSpec]) -> Iterator[str]:
    if spec.record is not None:
        other = above.get(spec.record)
        if other is None:
            yield f".record: expected a record that stands above, got {spec.record!r} ({', '.join(above) or 'none'})"
        elif other.table != target.target:
            yield f".record: expected a record of {target.target}, got {spec.record!r} of {other.table}"
        elif other.repeat is not None:
            yield f".record: {spec.record!r} is repeated; expected a record that is made once"
        return
    named = spec.imported
    if spec.lookup is not None:
        try:
            named, _ = catalogue.lookup_column(spec.lookup)
        except ValueError as error:
            yield f".lookup: {error}"
            return
        if any(record.table == named for record in mapping.records):
            yield f".lookup: the mapping itself makes rows of {named}; expected imported, which knows them by their key"
    if named is None:
        yield f": names a row of {target.target}; expected record, imported or lookup"
    elif named != target.target:
        yield f": names a row of {target.target}; expected imported or lookup of that table, got {named!r}"
    for key in ("value", "default"):
        constant = getattr(spec, key)
        if constant is not None and not isinstance(constant, str):
            yield f".{key}: expected the key of a row as a text, got {constant!r}"


def _modifier_problems(spec: FieldSpec, target: Target, above: dict[str, RecordSpec]) -> Iterator[str]:
    allowed: dict[str, bool] = {
        "format": target.kind in TIMES,
        **dict.fromkeys((*SHIFTS, "not_before", "not_after"), target.kind in TIMES),
        "times": target.kind in NUMBERS,
        "country": target.phone,
    }
    meant = {"times": "a number", "country": "phones.e164"}
    for key, fits in allowed.items():
        if getattr(spec, key) is not None and not fits:
            wanted = meant.get(key, "a date or a time")
            yield f".{key}: is for {wanted}; {target.name} takes a {target.kind.name.lower()}"
    if spec.map is not None and (spec.format is not None or spec.times is not None):
        yield ".map: its values are final; expected no format or times beside it"
    for key in ("not_before", "not_after"):
        path = getattr(spec, key)
        if path is not None:
            yield from _limit_problems(path, f".{key}", above)


def _limit_problems(path: str, place: str, above: dict[str, RecordSpec]) -> Iterator[str]:
    name, _, field = path.partition(".")
    record = above.get(name)
    if record is None or record.repeat is not None or field not in record.fields:
        yield f"{place}: expected record.field of a record that stands above and is made once, got {path!r}"
    elif entity(record.table).targets[field].kind not in TIMES:
        yield f"{place}: expected a date or a time, and {path} is none"
