"""Long work chunk by chunk, with its progress as an artifact; cheap enough to tell per chunk."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.futures import PrefectFuture


class ChunksFailed(RuntimeError):
    """Some chunks did not go through; the run stays where it is and may be started again."""


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


def run_chunks(work: Any, todo: Sequence[tuple[Any, ...]], title: str) -> None:
    """Every chunk through `work`, with progress; red if any failed, after all have been tried.

    A chunk is what `work` takes; its name comes last.
    """
    progress = Progress(title, len(todo))
    futures: list[PrefectFuture[int]] = [work.submit(*chunk) for chunk in todo]
    for future in futures:
        future.wait()
        progress.step()
    failed = [
        name
        for future, (*_, name) in zip(futures, todo, strict=True)
        if not future.state.is_completed()
    ]
    if failed:
        raise ChunksFailed(
            f"{title}未完成：{'、'.join(failed[:10])} 等 {len(failed)} 块，重新运行即可继续"
        )
