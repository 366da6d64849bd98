"""Documents that a requirement holds, until it is deleted for good."""

from core import objects, trash
from core.objects import Incoming
from core.uploads import plain_name
from projects.models import Requirement
from projects.selectors.documents import OWNER, Document, document_named


def keep_document(
    requirement: Requirement, incoming: Incoming, *, name: str
) -> Document:
    """Keep received bytes as a document of a requirement; the same only once.

    Raises
    ------
    TooLargeError
        If the project's quota does not hold it.
    """
    kept = document_named(requirement, incoming.digest)
    if kept is not None:
        return kept
    document = Document(plain_name(name) or "document", incoming.digest)
    objects.attach(
        incoming,
        project_id=requirement.project_id,
        owner_kind=OWNER,
        owner_id=requirement.pk,
        path=document.path,
    )
    return document


@trash.on_purge(Requirement)
def release_documents(requirement: Requirement) -> None:
    """Let go of a requirement's documents before it is deleted for good."""
    objects.release(OWNER, requirement.pk)
