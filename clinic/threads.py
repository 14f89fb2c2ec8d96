"""Threads and the database: pools that keep their connections, and writing without needless waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

P = ParamSpec("P")
R = TypeVar("R")


def _with_connection(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    # A PostgreSQL server may have closed the connection meanwhile; SQLite's cannot go stale.
    if connection.vendor == "postgresql" and connection.connection is not None and not connection.is_usable():
        connection.close()
    try:
        return work(*args, **kwargs)
    except (OperationalError, InterfaceError):
        connection.close()
        raise


# SQLite has one writer at a time and lets the others sleep and try again, up to 100 ms at once. Threads of one process
# queue here instead, where each is woken the moment that its turn comes.
_sqlite_writers = threading.RLock()


@contextmanager
def writing() -> Iterator[None]:
    """Hold a transaction that writes."""
    with _sqlite_writers if connection.vendor == "sqlite" else nullcontext(), transaction.atomic():
        yield


class DatabasePool:
    """Threads for work on the database: started lazily, `size` at most, each with one lasting connection."""

    def __init__(self, name: str, size: int) -> None:
        """Name the threads and bound their number."""
        self._name = name
        self._size = size
        self._lock = threading.Lock()
        self._executor: ThreadPoolExecutor | None = None
        self._opened: list[BaseDatabaseWrapper] = []

    def _remember_connection(self) -> None:
        self._opened.append(connections[DEFAULT_DB_ALIAS])

    def submit(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Run `work` in one of the threads and return its future."""
        with self._lock:
            if self._executor is None:
                self._executor = ThreadPoolExecutor(
                    self._size, thread_name_prefix=self._name, initializer=self._remember_connection
                )
            return self._executor.submit(partial(_with_connection, work, *args, **kwargs))

    def close(self) -> None:
        """Wait for work that has begun, drop the rest, and close the threads' connections."""
        with self._lock:
            executor, self._executor = self._executor, None
            opened, self._opened = self._opened, []
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)
            for wrapper in opened:
                # The thread is over, so nobody else uses its connection any more.
                wrapper.inc_thread_sharing()
                wrapper.close()
