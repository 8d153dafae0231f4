"""Columns in the document: the schema of a cell, and rows and tables of cells."""

from collections.abc import Iterable

from domain.data.text_formats import ISO
from domain.errors import format_names
from domain.features.category_column import CategoryColumn
from domain.features.cells import Cell
from domain.features.encoding import AnyColumn
from domain.features.number_column import NumberColumn
from domain.model.example_cells import training_range
from entrypoints.web.openapi.operations import MAX_NAMED_FEATURES, DocumentSubject
from entrypoints.web.openapi.schemas import NUMBER, Json, list_of, reference

# Levels that are shown as examples.
MAX_SHOWN_LEVELS = 20
ANY_CELL: Json = {"anyOf": [reference("Number"), {"type": ["string", "boolean", "null"]}]}
# A whole number stands for its digits where text is due, and 0 and 1 for false and true, as in data frames.
TYPES = {
    "number": ["number"],
    "boolean": ["boolean", "integer"],
    "category": ["string", "integer"],
    "datetime": ["string"],
}
UNSEEN = "another text has no effect, or is refused, as ENDEAVOUR_UNSEEN_LEVELS sets"


def schemas(subject: DocumentSubject) -> dict[str, Json]:
    """Return the schemas of cells: `Number`, and one for each column that is not a plain number."""
    found: dict[str, Json] = {"Number": NUMBER}
    if subject.is_named:
        for place, (column, *cells) in enumerate(zip(subject.encoding.columns, *subject.rows, strict=True)):
            if not _is_plain(column):
                found[_name(place)] = _cell(column, cells)
    elif not subject.encoding.is_plain:
        found["Cell"] = ANY_CELL
    return found


def cells(subject: DocumentSubject) -> list[Json]:
    """Return references to the schemas of the columns' cells, if the columns are named."""
    columns = enumerate(subject.encoding.columns)
    return [reference("Number" if _is_plain(column) else _name(place)) for place, column in columns]


def any_cell(subject: DocumentSubject) -> Json:
    """Return the schema of a cell of any column."""
    if subject.encoding.is_plain:
        return reference("Number")
    if not subject.is_named:
        return reference("Cell")
    return {"anyOf": list({cell["$ref"]: cell for cell in cells(subject)}.values())}


def by_name(subject: DocumentSubject, values: list[Json]) -> Json:
    """Return the schema of an object with one of `values` for each column; readers must accept other members."""
    columns = subject.encoding.columns
    if subject.is_named:
        needed = [column.name for column in columns if not column.has_gaps]
        properties = dict(zip(subject.features, values, strict=True))
        return {"type": "object", "properties": properties, "required": needed}
    least = sum(not column.has_gaps for column in columns)
    return {"type": "object", "minProperties": least, "description": "The names are those that `GET /model` lists."}


def in_order(subject: DocumentSubject) -> Json:
    """Return the schema of a list with a cell for each column."""
    count = len(subject.features)
    if subject.is_named and not subject.encoding.is_plain:
        return {"type": "array", "prefixItems": cells(subject), "items": False, "minItems": count}
    return list_of(any_cell(subject), minItems=count, maxItems=count)


def row(subject: DocumentSubject) -> Json:
    """Return the schema of a row: a cell alone if there is one column, by name, or in order."""
    one = cells(subject) if len(subject.features) == 1 else []
    more = False if subject.is_named else any_cell(subject)
    named = {**by_name(subject, cells(subject)), "title": "values by name", "additionalProperties": more}
    if subject.is_named:
        left_out = subject.encoding.left_out[:MAX_NAMED_FEATURES]
        others = {each.name: {"description": f"Not read: {each.reason}."} for each in left_out}
        named["properties"] = others | named["properties"]
    ordered = {
        **in_order(subject),
        "title": "values in the model's order",
        "description": format_names(subject.features),
    }
    return {"anyOf": [*one, named, ordered]}


def _is_plain(column: AnyColumn) -> bool:
    return isinstance(column, NumberColumn) and column.is_plain


def _name(place: int) -> str:
    return f"Feature{place}"


def _cell(column: AnyColumn, examples: Iterable[Cell]) -> Json:
    """Return the schema of a cell; null stands for an empty one where the training rows had any."""
    schema: Json = {
        "title": column.name,
        "type": [*TYPES[column.kind], *(["null"] if column.has_gaps else [])],
        "examples": list(examples),
        "description": _description(column),
    }
    if isinstance(column, CategoryColumn):
        schema["examples"] = column.column.levels[:MAX_SHOWN_LEVELS]
    form = column.column.format
    texts: list[Json] = [{"pattern": form.accepted}] if form and form != ISO else []
    if column.kind == "datetime":
        schema["anyOf"] = [{"format": "date"}, {"format": "date-time"}, *texts]
    elif texts:
        schema |= {"type": [*schema["type"], "string"], **texts[0]}
    if column.kind == "boolean":
        schema |= {"minimum": 0, "maximum": 1}
    if column.kind == "number":
        schema |= {name: NUMBER[name] for name in ("minimum", "maximum")}
    return schema


def _description(column: AnyColumn) -> str:
    if isinstance(column, CategoryColumn):
        return f"{len(column.column.levels)} known levels; {UNSEEN}."
    found = training_range(column)
    return f"{_shown(found[0])} to {_shown(found[1])} in the training rows." if found else f"A {column.kind}."


def _shown(cell: Cell) -> str:
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)
