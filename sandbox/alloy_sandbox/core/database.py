"""The tables, made as this version of the sandbox has them: a tool's data need no history."""

from __future__ import annotations

import zlib

from django.apps import apps
from django.db import OperationalError, connection

OTHER = "The data there are another version's. Move them away, or name another --data folder."


def prepare() -> None:
    """Make the tables where there are none; raises `ValueError` for those of another version."""
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        for model in apps.get_app_config("core").get_models():
            editor.create_model(model)
    statements = "\n".join(editor.collected_sql)
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise ValueError(f"{connection.settings_dict['NAME']} cannot be opened: {error}") from None
    with connection.cursor() as cursor:
        (version,) = cursor.execute("PRAGMA user_version").fetchone()
        mine = zlib.crc32(statements.encode()) % 2**31
        if version == mine:
            return
        if connection.introspection.table_names(cursor):
            raise ValueError(OTHER)
        cursor.executescript(f"BEGIN; {statements} PRAGMA user_version = {mine}; COMMIT;")
