"""What the queue adds to the tables of other apps: indexes for its lists, and the index of every word.

SQLite keeps the words in an FTS5 table without a copy of the texts, true by triggers on the messages. PostgreSQL keeps
them in a generated column under a GIN index; a column, because a row must be tested without splitting its text again.

Where Django changes a table of SQLite by making it anew, triggers and indexes that it does not know are lost;
`restore` brings them back after every migration.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CONVERSATION, MESSAGE = "conversations_conversation", "conversations_message"
UNDERSTANDING, HAND_OFF = "conversations_understanding", "handoffs_handoff"
WORDS = "queue_words"

# Their conditions stand in the queries word for word (`clinic.queue.conditions`): SQLite compares them as text.
HELD = "owner NOT IN ('bot', 'closed')"
CLOSED = "owner = 'closed'"
AWAITED = "waiting_since IS NOT NULL"
NEEDED = "(urgency IS NOT NULL OR waiting_since IS NOT NULL)"
# The order of the queue: what is no matter comes after every kind of matter, and what nobody waits for after the rest.
RANK, SINCE = "COALESCE(urgency, 9)", "COALESCE(waiting_since, '9000-01-01 00:00:00')"
SINCE_POSTGRESQL = SINCE.replace("')", "+00'::timestamptz)")

INDEXES: dict[str, str] = {
    "queue_needed": f"{CONVERSATION} (({RANK}), ({SINCE}), id) WHERE {NEEDED}",
    "queue_held": f"{CONVERSATION} (last_message_at DESC, id DESC) WHERE {HELD}",
    "queue_closed": f"{CONVERSATION} (last_message_at DESC, id DESC) WHERE {CLOSED}",
    "queue_awaited": f"{CONVERSATION} (last_message_at DESC, id DESC) WHERE {AWAITED}",
    "queue_begun": f"{CONVERSATION} (created_at DESC, id DESC)",
    "queue_intent": f"{UNDERSTANDING} (intent, message_id)",
    "queue_route": f"{UNDERSTANDING} (route, message_id)",
    "queue_kind": f"{HAND_OFF} (kind, conversation_id)",
}

_FORGET = f"INSERT INTO {WORDS}({WORDS}, rowid, text) VALUES ('delete', old.id, old.text)"  # noqa: S608 - names of ours
_LEARN = f"INSERT INTO {WORDS}(rowid, text) VALUES (new.id, new.text)"  # noqa: S608
TRIGGERS: dict[str, str] = {
    "queue_words_insert": f"AFTER INSERT ON {MESSAGE} BEGIN {_LEARN}; END",
    "queue_words_delete": f"AFTER DELETE ON {MESSAGE} BEGIN {_FORGET}; END",
    "queue_words_update": f"AFTER UPDATE OF text ON {MESSAGE} WHEN old.text IS NOT new.text"
    f" BEGIN {_FORGET}; {_LEARN}; END",
}
_FTS = (
    f"CREATE VIRTUAL TABLE {WORDS} USING fts5(text, content='{MESSAGE}', content_rowid='id',"
    " tokenize='unicode61 remove_diacritics 0', prefix='3', columnsize=0)"
)
# PostgreSQL's parser knows addresses, paths and numbers with signs; what joins their parts becomes space, so that a
# word is the same on both databases: a run of letters and digits.
_JOINTS = "!\"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~"
_COLUMN = (
    f"ALTER TABLE {MESSAGE} ADD COLUMN words tsvector"
    f" GENERATED ALWAYS AS (to_tsvector('simple', translate(text, '{_JOINTS}', '{' ' * (len(_JOINTS) - 1)}'))) STORED"
)
_GIN = f"{MESSAGE} USING gin (words)"


def create(_: object, editor: BaseDatabaseSchemaEditor) -> None:
    """Add everything; for a migration."""
    if editor.connection.vendor == "postgresql":
        editor.execute(_COLUMN, params=None)
        editor.execute(f"CREATE INDEX queue_words ON {_GIN}", params=None)
        for name, index in INDEXES.items():
            editor.execute(f"CREATE INDEX {name} ON {index.replace(SINCE, SINCE_POSTGRESQL)}", params=None)
    else:
        restore(editor.connection)


def drop(_: object, editor: BaseDatabaseSchemaEditor) -> None:
    """Undo `create`; for a migration that goes back."""
    for name in INDEXES:
        editor.execute(f"DROP INDEX IF EXISTS {name}", params=None)
    if editor.connection.vendor == "postgresql":
        editor.execute(f"ALTER TABLE {MESSAGE} DROP COLUMN words", params=None)
        return
    for name in TRIGGERS:
        editor.execute(f"DROP TRIGGER IF EXISTS {name}", params=None)
    editor.execute(f"DROP TABLE IF EXISTS {WORDS}", params=None)


def restore(connection: BaseDatabaseWrapper) -> None:
    """Make on SQLite what is missing, and learn all words anew if a trigger was: nobody knows what it has missed."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master")
        known = {name for (name,) in cursor.fetchall()}
        if MESSAGE not in known or HAND_OFF not in known:
            return
        if WORDS not in known:
            cursor.execute(_FTS)
        missing = [name for name in TRIGGERS if name not in known]
        for name in missing:
            cursor.execute(f"CREATE TRIGGER {name} {TRIGGERS[name]}")
        if missing:
            cursor.execute(f"INSERT INTO {WORDS}({WORDS}) VALUES ('rebuild')")  # noqa: S608 - a name of ours
        for name in INDEXES.keys() - known:
            cursor.execute(f"CREATE INDEX {name} ON {INDEXES[name]}")
