"""Whether a query only reads: one SELECT, and no function that does more than compute.

The database itself is told so as well (a read-only transaction); what it would still
allow there, such as reading the server's files, is refused here.
"""

import sqlglot
from sqlglot import exp

from engine.sources.landing import SourceError
from engine.words import gettext_noop as _

DIALECTS = {"postgresql": "postgres", "mysql": "mysql", "sqlite": "sqlite"}
_WRITES = (
    exp.Insert,
    exp.Update,
    exp.Delete,
    exp.Merge,
    exp.Create,
    exp.Drop,
    exp.Alter,
    exp.Command,
    exp.Copy,
    exp.Into,
    exp.Lock,
    exp.Set,
    exp.Pragma,
)
# Beginnings of the names of functions that write, wait for others or leave the query.
_ACTS = (
    "dblink",
    "get_lock",
    "load_extension",
    "load_file",
    "lo_",
    "nextval",
    "pg_advisory",
    "pg_backup",
    "pg_cancel",
    "pg_create",
    "pg_drop",
    "pg_export",
    "pg_file",
    "pg_import",
    "pg_logical",
    "pg_ls_",
    "pg_notify",
    "pg_promote",
    "pg_read_",
    "pg_reload",
    "pg_replication",
    "pg_rotate",
    "pg_start",
    "pg_stat_file",
    "pg_stat_reset",
    "pg_stop",
    "pg_switch",
    "pg_terminate",
    "pg_try_advisory",
    "pg_wal",
    "query_to_xml",
    "release_lock",
    "set_config",
    "setval",
    "sys_eval",
    "sys_exec",
    "table_to_xml",
    "database_to_xml",
    "schema_to_xml",
    "cursor_to_xml",
    "writefile",
    "readfile",
)


def check_query(query: str, *, dialect: str) -> str:
    """Return the query without its final semicolon.

    Raises
    ------
    SourceError
        If it is not exactly one statement that reads, and only reads.
    """
    _refuse_hidden_words(query, dialect)
    try:
        found = [each for each in sqlglot.parse(query, read=DIALECTS[dialect]) if each]
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise SourceError(
            _("The query cannot be read: %(why)s. Write one SELECT.")
            % {"why": str(error).splitlines()[0][:200]}
        ) from error
    if len(found) != 1:
        raise SourceError(
            _("The query has %(n)s statements. Write one SELECT.") % {"n": len(found)}
        )
    (tree,) = found
    if not isinstance(tree, exp.Query):
        raise SourceError(
            _("The query begins with %(word)s and is no SELECT. Write one SELECT.")
            % {"word": tree.key.upper()}
        )
    for each in tree.find_all(*_WRITES):
        raise SourceError(
            _("The query holds %(word)s, which does more than read. Take it out.")
            % {"word": each.key.upper()}
        )
    for call in tree.find_all(exp.Func):
        name = (call.name if isinstance(call, exp.Anonymous) else call.sql_name()) or ""
        if name.lower().startswith(_ACTS):
            raise SourceError(
                _("The query calls %(name)s, which does more than read. Take it out.")
                % {"name": name}
            )
    return query.strip().rstrip(";").rstrip()


def _refuse_hidden_words(query: str, dialect: str) -> None:
    """Refuse comments that MySQL runs, `/*! … */`: who checks the query cannot see them."""
    if dialect != "mysql":
        return
    try:
        tokens = sqlglot.tokenize(query, read=DIALECTS[dialect])
    except sqlglot.errors.SqlglotError:
        return  # said better where it is parsed
    comments = (each for token in tokens for each in token.comments)
    if any(each.startswith(("!", "M!")) for each in comments):
        raise SourceError(
            _("The query holds a comment that MySQL runs, /*! … */. Take it out.")
        )
