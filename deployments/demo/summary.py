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
        """For a person who has read each step as it was done: all done, or which were not."""
        if self.complete:
            seconds = sum(step.seconds for step in self.steps)
            return f"\n演示的 {len(self.steps)} 步全部做到，共 {seconds:.0f} 秒。"
        lines = ["", "演示没有全部做到："]
        for number, step in enumerate(self.steps, 1):
            lines.append(f"  {'✓' if step.done else '✗'} {number}. {step.sentence}")
        return "\n".join(lines)

    def try_next(self) -> str:
        """What a newcomer may do now: read a bill on a phone, then take money at the counter."""
        urls = [step.facts["phone_url"] for step in self.steps if "phone_url" in step.facts]
        bill = [f"  看账单：{url}（点消息里的链接）" for url in urls]
        desk = "  进工作台：点“用企业微信登录”，选一位同事（钱会计收款，周经理审批，赵主管管设置）"
        return "\n".join(["", "接下来可以：", *bill, desk])

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
