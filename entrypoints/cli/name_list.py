"""Name list: the names in an option such as a,b,c."""

import csv

import click


def names_of(text: str, option: str) -> tuple[str, ...]:
    """Return the names in a comma-separated list; a name with a comma in it goes between double quotes."""
    names = tuple(name.strip() for name in next(csv.reader([text]), []))
    if not names or (option != "--na" and not all(names)):
        raise click.UsageError(f"{option} names an empty column: write a,b,c")
    return names
