"""Open alarm stages (S8)."""

from hypothesis import given, strategies as st

from custom_components.kvarbo.supervision.answering import (
    AFTER_RUNNERS,
    FOR_A_RUNNER,
    FOR_AN_ANSWER,
    OpenStages,
)


def test_patience_runs_from_the_later_of_alarm_and_start() -> None:
    stages = OpenStages()
    stages.opened("a", 100.0)
    assert stages.next_due() is None
    assert stages.overdue(1e9) == []
    stages.started_at = 500.0
    assert stages.next_due() == 500.0 + FOR_A_RUNNER
    stages.opened("b", 600.0)
    assert stages.overdue(560.0) == ["a"]
    assert stages.overdue(660.0) == ["a", "b"]
    assert stages.waiting() == ["a", "b"]


def test_the_first_opening_counts() -> None:
    stages = OpenStages()
    stages.opened("a", 100.0)
    stages.opened("a", 900.0)
    stage = stages.of("a")
    assert stage is not None
    assert stage.fired_at == 100.0
    assert stages.of("b") is None


def test_only_an_answer_closes() -> None:
    stages = OpenStages()
    stages.started_at = 0.0
    stages.opened("a", 100.0)
    stages.runner_started("a")
    assert stages.next_due() == 100.0 + FOR_AN_ANSWER
    stages.runner_ended("a", 120.0)
    assert stages.next_due() == 120.0 + AFTER_RUNNERS
    assert "a" in stages
    assert stages.answered("a")
    assert "a" not in stages
    assert not stages.answered("a")
    assert stages.next_due() is None


@given(st.lists(st.booleans(), max_size=30))
def test_runners_are_counted_and_never_below_none(steps: list[bool]) -> None:
    stages = OpenStages()
    stages.started_at = 0.0
    stages.opened("a", 0.0)
    running = 0
    for at, begins in enumerate(steps, 1):
        if begins:
            stages.runner_started("a")
            running += 1
        else:
            stages.runner_ended("a", at)
            running = max(0, running - 1)
        stages.runner_started("b")
        stages.runner_ended("b", at)
        assert (stages.next_due() == FOR_AN_ANSWER) == (running > 0)
