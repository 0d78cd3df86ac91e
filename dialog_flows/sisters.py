"""The same interview in another language: where its file is, and whether it asks the same."""

from collections.abc import Iterator
from pathlib import Path

from dialog_flows.schema import Flow


def places(path: Path, language: str) -> tuple[Path, ...]:
    """Where the sister of the flow in `path` may be: for `waiter.yaml` or `waiter.en.yaml`, `waiter.zh.yaml` beside it;
    for `en/waiter.yaml`, `zh/waiter.yaml`."""
    name = path.stem.partition(".")[0]
    beside = (path.with_name(f"{name}.{language}.yaml"), path.with_name(f"{name}.yaml"))
    return tuple(place for place in (*beside, path.parent.parent / language / f"{name}.yaml") if place != path)


def differences(flow: Flow, sister: Flow, language: str) -> Iterator[str]:
    """What keeps `sister` from being `flow` in `language`."""
    if sister.language != language:
        yield f"its `language` is {sister.language}, not {language}"
    if sister.id != flow.id:
        yield f"its `id` is {sister.id}, not {flow.id}"
    ids, sister_ids = (tuple(question.id for question in each.questions) for each in (flow, sister))
    if ids != sister_ids:
        yield f"its questions are {', '.join(sister_ids)}, not {', '.join(ids)}"
        return
    for question, same in zip(flow.questions, sister.questions, strict=True):
        for what in ("follow_ups", "criteria"):
            ids, sister_ids = (tuple(item.id for item in getattr(each, what)) for each in (question, same))
            if ids != sister_ids:
                written = ", ".join(sister_ids) or "none"
                yield f"its question {question.id} has the {what} {written}, not {', '.join(ids) or 'none'}"
