"""What Home Assistant keeps of a device is not lost to a file's row of the same number."""

from custom_components.kvarbo.home_file.reader import read_home_file
from custom_components.kvarbo.home_file_rows import receiver_flaws, stored_device, stored_receiver
from tests.home_file.making import FULL

DEVICES = read_home_file(FULL).devices or ()
RECEIVERS = read_home_file(FULL).receivers or ()


def test_a_source_stays_to_the_letter() -> None:
    source = {"type": "zha_event", "ieee": "00:11", "of_a_later_release": "1"}
    fields = {"taken_by": {"type": "zha_event", "ieee": "00:12"}}
    made = stored_device(DEVICES[1], {"source": source, "fields": fields})
    assert made["source"] == source
    assert made["fields"] == fields


def test_a_device_that_is_to_be_paired_takes_the_file_s_source() -> None:
    kept = {"source": {"type": "to_pair"}}
    assert stored_device(DEVICES[1], kept)["source"]["platform"] == "zha"
    assert stored_device(DEVICES[0], kept)["source"] == {"type": "to_pair"}
    assert stored_device(DEVICES[0], None)["source"] == {"type": "to_pair"}


def test_a_receiver_s_credentials_are_no_flaw_of_a_file() -> None:
    assert "token" not in stored_receiver(RECEIVERS[0])
    assert not receiver_flaws(RECEIVERS[0], demo=False, controller="4711")
    assert not receiver_flaws(RECEIVERS[1], demo=False, controller="4711")
    flaws = receiver_flaws(RECEIVERS[0], demo=True, controller="4711")
    assert [(flaw.field, flaw.problem) for flaw in flaws] == [("url", "demo_not_local")]
