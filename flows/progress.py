"""Progress of long work as an artifact; cheap enough to call per chunk."""

from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact


class Progress:
    """`step()` once per chunk; at most about twenty updates are sent, for each costs a round trip."""

    def __init__(self, title: str, total: int) -> None:
        self._total, self._done = total, 0
        self._every = max(1, total // 20)
        self._artifact: UUID | None = None
        if total:
            made = create_progress_artifact(0.0, description=title)
            assert isinstance(made, UUID), "called from a sync flow"
            self._artifact = made

    def step(self) -> None:
        self._done += 1
        if self._artifact and (self._done % self._every == 0 or self._done == self._total):
            update_progress_artifact(self._artifact, progress=100 * self._done / self._total)
