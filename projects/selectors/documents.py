"""Documents that stand behind what a person attested or answered."""

from dataclasses import dataclass

from core.models import ObjectRef
from core.objects import references
from projects.models import Evidence, Requirement

OWNER = "requirement"
PREFIX = "document:"  # of an input of evidence that is a document


@dataclass(frozen=True)
class Document:
    """A document by its name and the digest of its bytes."""

    name: str
    digest: str

    @property
    def path(self) -> str:
        """Where its requirement keeps it."""
        return f"{self.digest}/{self.name}"


def documents_of(requirement: Requirement) -> list[Document]:
    """Return the documents a requirement holds, by name."""
    found = (path.partition("/") for path in references(OWNER, requirement.pk))
    rows = [Document(name, digest) for digest, _slash, name in found]
    return sorted(rows, key=lambda each: each.name)


def document_ref(requirement: Requirement, digest: str) -> ObjectRef | None:
    """Return a requirement's reference to the document of this digest."""
    rows = ObjectRef.objects.filter(
        owner_kind=OWNER, owner_id=str(requirement.pk), object_id=digest
    )
    return rows.select_related("object").first()


def document_named(requirement: Requirement, digest: str) -> Document | None:
    """Return a requirement's document of this digest."""
    ref = document_ref(requirement, digest)
    return Document(ref.path.partition("/")[2], digest) if ref else None


def documents_behind(row: Evidence) -> list[Document]:
    """Return the documents an attestation rests on."""
    return [
        Document(name.removeprefix(PREFIX), digest)
        for name, digest in row.inputs.items()
        if name.startswith(PREFIX)
    ]
