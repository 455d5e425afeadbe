"""What the demo did, step by step, and whether each step did all it should."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Step:
    """One step of the story."""

    name: str
    sentence: str
    done: bool
    seconds: float
    facts: dict[str, object] = field(default_factory=dict)


@dataclass
class Summary:
    """The whole story."""

    steps: list[Step] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Did every step do what it should?"""
        return bool(self.steps) and all(step.done for step in self.steps)

    def in_words(self) -> str:
        """For a person."""
        lines = ["", "演示做了这些事："]
        for number, step in enumerate(self.steps, 1):
            mark = "✓" if step.done else "✗"
            lines.append(f"  {mark} {number}. {step.sentence}（{step.seconds:.1f} 秒）")
        if not self.complete:
            lines.append("  有步骤没有做到，请查看上面打 ✗ 的地方。")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, object]:
        """For a program."""
        return {
            "complete": self.complete,
            "seconds": round(sum(step.seconds for step in self.steps), 1),
            "steps": [
                {
                    "name": step.name, "done": step.done, "seconds": round(step.seconds, 1),
                    "sentence": step.sentence, **step.facts,
                }
                for step in self.steps
            ],
        }  # fmt: skip
