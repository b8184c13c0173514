"""Who a watcher is (S1)."""

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.supervision.identity import Identity, WatcherKind, watcher_of

identities = st.builds(
    Identity,
    st.sampled_from(WatcherKind),
    st.integers(0, 9),
    st.text("abcdefghijklmnopqrstuvwxyz0123456789_", max_size=32),
)


@given(identities)
def test_an_identity_is_read_as_it_was_written(identity: Identity) -> None:
    assert Identity.parse(str(identity)) == identity


@given(identities, st.floats(min_value=0, max_value=1e10))
def test_an_episode_names_its_watcher_and_begins_with_a_letter(
    identity: Identity, since: float
) -> None:
    episode = identity.episode(since)
    assert episode[0].isalpha()
    assert watcher_of(episode) == identity


@pytest.mark.parametrize(
    ("resident", "name"), [(-1, ""), (10, ""), (0, "Å"), (0, "a/b"), (0, "a\n")]
)
def test_what_cannot_be_is_no_identity(resident: int, name: str) -> None:
    with pytest.raises(ValueError, match=r"resident|name"):
        Identity(WatcherKind.WATER, resident, name)


@given(st.text(max_size=40))
def test_whatever_an_episode_says_it_is_a_watcher_s_or_nobody_s(text: str) -> None:
    found = watcher_of(text)
    assert found is None or text.startswith(f"w{found}@")


@pytest.mark.parametrize(
    "episode", ["", "press@5", "wwater/0/", "wwater/0/@x", "wwater/0@5", "wwine/0/@5", "water/0/@5"]
)
def test_other_episodes_are_nobody_s(episode: str) -> None:
    assert watcher_of(episode) is None
