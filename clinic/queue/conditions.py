"""Conditions that the database's planner sees as they are written here, in queries that may be nested."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, DateTimeField, F, Field, Func, IntegerField, Value
from django.db.models.sql.compiler import SQLCompiler

from clinic.queue import schema


class Written(Func):
    """SQL with `{}` for each of the expressions. Values inside it are none that anybody typed."""

    def __init__(self, sql: str, *expressions: Any, output_field: Field[Any, Any], postgresql: str = "") -> None:
        """Take the SQL, and other SQL for PostgreSQL where that differs."""
        super().__init__(*expressions, output_field=output_field)
        self.sql, self.postgresql = sql, postgresql or sql

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, list[str | int]]:
        """Write the SQL with the expressions in their places."""
        places: list[str] = []
        parameters: list[str | int] = []
        for expression in self.get_source_expressions():
            sql, values = compiler.compile(expression)
            places.append(sql)
            parameters.extend(values)
        written = self.postgresql if connection.vendor == "postgresql" else self.sql
        return f"({written.format(*places)})", parameters


class Condition(Written):
    """A condition in SQL."""

    def __init__(self, sql: str, *expressions: Any, postgresql: str = "") -> None:
        """Take the condition, and another one for PostgreSQL where that differs."""
        super().__init__(sql, *expressions, output_field=BooleanField(), postgresql=postgresql)


def on_column(condition: str, name: str) -> Condition:
    """Return a condition of `schema` on one column of the conversation."""
    return Condition(condition.replace(name, "{}", 1), F(name))


def held() -> Condition:
    """Tell whether somebody of the staff has a conversation, or should."""
    return on_column(schema.HELD, "owner")


def closed() -> Condition:
    """Tell whether a conversation is closed."""
    return on_column(schema.CLOSED, "owner")


def needed() -> Condition:
    """Tell whether a conversation needs staff."""
    return Condition(
        schema.NEEDED.replace("urgency", "{0}").replace("waiting_since", "{1}"), F("urgency"), F("waiting_since")
    )


def rank() -> Written:
    """Return how pressing a conversation is, 0 the most, also where it has no matter."""
    return Written(schema.RANK.replace("urgency", "{}"), F("urgency"), output_field=IntegerField())


def since() -> Written:
    """Return since when somebody waits, far ahead where nobody does."""
    return Written(
        schema.SINCE.replace("waiting_since", "{}"),
        F("waiting_since"),
        output_field=DateTimeField(),
        postgresql=schema.SINCE_POSTGRESQL.replace("waiting_since", "{}"),
    )


def unassigned() -> Condition:
    """Tell whether a conversation is nobody's; most are, so that SQLite must be kept from gathering them by index."""
    return Condition("+{} IS NULL", F("assignee"), postgresql="{} IS NULL")


def awaited() -> Condition:
    """Tell whether somebody waits for staff."""
    return on_column(schema.AWAITED, "waiting_since")


# So many hits are gathered and sorted; where there are more, the newest conversations are tried one by one, and soon
# enough of them have a hit. Either takes some tens of milliseconds at most.
MANY = 10_000


def has_message(joined: str, test: str, value: Any, *, is_common: bool) -> Condition:
    """Tell whether a conversation has a message `m`, joined with something, that passes a test with one value.

    The two ways to find out are written so that the planner cannot choose between them: it does not know which is
    faster.
    """
    found = f"FROM {joined} WHERE {test}"
    if is_common:
        sql = f"EXISTS (SELECT 1 {found} AND m.conversation_id = {{0}}"
        # The offset keeps PostgreSQL from making a join of it.
        return Condition(f"{sql})", F("pk"), Value(value), postgresql=f"{sql} OFFSET 0)")
    return Condition(
        f"{{0}} IN (SELECT m.conversation_id {found})",
        F("pk"),
        Value(value),
        postgresql=f"{{0}} = ANY (ARRAY(SELECT DISTINCT m.conversation_id {found}))",
    )
