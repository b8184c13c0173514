"""One command for an alarm centre that wants to try us."""

import asyncio
from pathlib import Path

import pytest

from custom_components.kvarbo.transmission.scaip.call import main
from simulator.municipality import Municipality
from simulator.municipality.faults import Mode
from simulator.municipality.scaip_port import ScaipOptions

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.mark.parametrize("refused", [False, True])
async def test_a_heartbeat_and_a_test_alarm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, refused: bool
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n", encoding="utf-8")
    options = ScaipOptions(users={"4711": "s3cret"}, domain="127.0.0.1", tls=None, dialect="scaip")
    async with Municipality(token="t", scaip=options) as municipality:
        assert municipality.scaip is not None
        await municipality.set_fault(Mode.CALLBACK if not refused else Mode.BUSY)
        to = f"127.0.0.1:{municipality.scaip.ports['tcp']};transport=tcp"
        arguments = ["--to", to, "--unit", "4711", "--password-file", str(secret)]
        code = await asyncio.to_thread(main, [*arguments, "--dialect", "scaip"])
        assert code == (1 if refused else 0)
        said = capsys.readouterr().out
        assert "<scaip><ref>" in said
        assert "s3cret" not in said
        assert ("TEST alarm: busy" if refused else "TEST alarm: accepted") in said
        if not refused:
            assert "it wants a heartbeat every 300 s" in said
            (alarm,) = municipality.state()["alarms"]
            assert alarm["test"]
        assert municipality.scaip.complaints == []


def test_wrong_arguments_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--to", "https://x", "--unit", "4711"]) == 2
    assert "to: not_an_address" in capsys.readouterr().err
