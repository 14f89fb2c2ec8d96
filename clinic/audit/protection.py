"""What keeps the audit log append-only in the database itself, whatever program asks."""

from __future__ import annotations

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLE = "audit_entry"

# REPLACE deletes without asking the trigger for deletes.
_NO_REPLACE = (
    f"CREATE TRIGGER audit_entry_no_replace BEFORE INSERT ON {TABLE}"  # noqa: S608
    f" WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE number = NEW.number)"
    " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
)
PROTECT: dict[str, tuple[str, ...]] = {
    "sqlite": (
        *(
            f"CREATE TRIGGER audit_entry_no_{deed} BEFORE {deed.upper()} ON {TABLE}"
            " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
            for deed in ("update", "delete")
        ),
        _NO_REPLACE,
    ),
    "postgresql": (
        "CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
        f"CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON {TABLE}"
        " FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()",
        f"CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON {TABLE}"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()",
    ),
}
LIFT: dict[str, tuple[str, ...]] = {
    "sqlite": tuple(f"DROP TRIGGER IF EXISTS audit_entry_no_{deed}" for deed in ("update", "delete", "replace")),
    "postgresql": (
        f"DROP TRIGGER IF EXISTS audit_entry_no_change ON {TABLE}",
        f"DROP TRIGGER IF EXISTS audit_entry_no_truncate ON {TABLE}",
        "DROP FUNCTION IF EXISTS audit_entry_refuse()",
    ),
}


def protect(_: object, editor: BaseDatabaseSchemaEditor) -> None:
    """Refuse every change of an entry; for a migration."""
    for statement in PROTECT[editor.connection.vendor]:
        editor.execute(statement, params=None)


def lift(_: object, editor: BaseDatabaseSchemaEditor) -> None:
    """Undo `protect`; for a migration that goes back, and for tests that empty their tables."""
    for statement in LIFT[editor.connection.vendor]:
        editor.execute(statement, params=None)
