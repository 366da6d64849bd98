"""The kinds of sources a data set may have, and what each needs to know."""

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = Promise | str
Look = Literal["line", "text", "port", "secret", "choice", "file"]


@dataclass(frozen=True)
class Setting:
    """One thing a source has to know; a secret is kept encrypted and never shown."""

    name: str
    label: Words
    look: Look = "line"
    help: Words = ""
    required: bool = True
    default: str = ""
    most: int = 500
    choices: tuple[tuple[str, Words], ...] = ()

    @property
    def is_secret(self) -> bool:
        """Whether it is written and never read again."""
        return self.look == "secret"


@dataclass(frozen=True)
class SourceKind:
    """A kind of source."""

    key: str
    title: Words
    settings: tuple[Setting, ...]

    @property
    def secrets(self) -> tuple[str, ...]:
        """The names of its secrets."""
        return tuple(each.name for each in self.settings if each.is_secret)


_ENCRYPTION = Setting(
    "encryption",
    _("Encryption"),
    look="choice",
    default="require",
    choices=(
        ("require", _("encrypted")),
        ("verify-full", _("encrypted, and its certificate must be right")),
        ("disable", _("not encrypted")),
    ),
)
_QUERY = Setting(
    "query",
    _("Query"),
    look="text",
    help=_("One SELECT. With an ORDER BY the same rows are the same version again."),
    most=20_000,
)


def _server(key: str, title: str, port: str) -> SourceKind:
    return SourceKind(
        key,
        title,
        (
            Setting("host", _("Host"), help=_("The name of its computer.")),
            Setting("port", _("Port"), look="port", default=port),
            Setting("database", _("Database"), most=120),
            Setting(
                "user",
                _("User"),
                help=_("One that may only read: that is what protects the database."),
                most=120,
            ),
            Setting("password", _("Password"), look="secret", required=False),
            _ENCRYPTION,
            _QUERY,
        ),
    )


KINDS = {
    each.key: each
    for each in (
        SourceKind(
            "http",
            _("A web address"),
            (
                Setting(
                    "url",
                    _("Address"),
                    help=_("Of a file, such as https://example.org/readings.csv."),
                    most=2000,
                ),
                Setting(
                    "authorization",
                    _("Authorization"),
                    look="secret",
                    help=_(
                        "Sent as the header of that name, such as Bearer and a key."
                    ),
                    required=False,
                    most=2000,
                ),
            ),
        ),
        _server("postgresql", "PostgreSQL", "5432"),
        _server("mysql", "MySQL", "3306"),
        SourceKind(
            "sqlite",
            _("A SQLite file"),
            (
                Setting("file", _("File"), look="file", required=False),
                _QUERY,
            ),
        ),
        SourceKind(
            "s3",
            _("An S3-compatible store"),
            (
                Setting(
                    "endpoint",
                    _("Endpoint"),
                    help=_("Such as https://minio.example.org; empty for Amazon's."),
                    required=False,
                ),
                Setting("region", _("Region"), required=False, default="us-east-1"),
                Setting("bucket", _("Bucket"), most=120),
                Setting("key", _("Object"), help=_("Its key: data/readings.parquet.")),
                Setting(
                    "columns",
                    _("Only these columns"),
                    help=_("Of a Parquet object, with commas between; empty for all."),
                    required=False,
                    most=5000,
                ),
                Setting("access_key", _("Access key"), look="secret", required=False),
                Setting("secret_key", _("Secret key"), look="secret", required=False),
            ),
        ),
    )
}
