"""What a user would do without Kvarbo: one stock automation that has all the sensors, and its far end."""

import json
import time
from typing import Final

from aiohttp import web

from simulator.mqtt import Broker, Published

#: So many buttons on either side: one press each, so that no press is news about another's alarm.
BUTTONS: Final = 120
#: What the stock automation of the door calls it, and how long the door stands open first, seconds.
DOOR: Final = 999
HELD: Final = 60


class Stock:
    """The far end of the stock automations: notes when it has read which button's alarm."""

    def __init__(self, kind: str) -> None:
        """Be a web server, or a broker where that is the kind."""
        self.kind = kind
        self.read_at: dict[int, float] = {}
        self.port = 0
        self.is_down = False
        self.broker = Broker(heard=self._published)
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on any port, or on the same one as before."""
        if self.kind == "mqtt":
            await self.broker.open(0)
            self.port = self.broker.port
            return
        await self._serve()

    async def _serve(self) -> None:
        app = web.Application()
        app.router.add_post("/stock", self._posted)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = site.port

    async def set_down(self, *, down: bool) -> None:
        """Refuse connections, or take them again."""
        if self.kind == "mqtt":
            await (self.broker.down() if down else self.broker.up())
        elif down and self._runner is not None:
            await self._runner.cleanup()
        else:
            await self._serve()

    async def stop(self) -> None:
        """End."""
        await self.broker.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _posted(self, request: web.Request) -> web.Response:
        self._read(await request.read())
        return web.json_response({})

    def _published(self, message: Published) -> None:
        if message.topic == "stock":
            self._read(message.payload)

    def _read(self, body: bytes) -> None:
        self.read_at.setdefault(int(json.loads(body)["device"]), time.time())


def configuration(stock: Stock) -> str:
    """Return the stock automation: one that has all the sensors, with the mode that is the default."""
    triggers = "".join(f"        - binary_sensor.stock_{n}\n" for n in range(1, BUTTONS + 1))
    payload = (
        "{{ {'device': trigger.entity_id.split('_')[-1] | int, 'kind': 'help_call'} | to_json }}"
    )
    if stock.kind == "mqtt":
        command = ""
        action = (
            "mqtt.publish\n        data:\n          topic: stock\n          qos: 1\n"
            f'          payload: "{payload}"\n'
        )
    else:
        command = f"""\
rest_command:
  alarm:
    url: http://127.0.0.1:{stock.port}/stock
    method: post
    content_type: application/json
    payload: '{{"device": {{{{ device }}}}, "kind": "help_call"}}'
"""
        action = (
            "rest_command.alarm\n        data:\n"
            "          device: \"{{ trigger.entity_id.split('_')[-1] }}\"\n"
        )
    return f"""\
{command}automation:
  - id: stock
    triggers:
      - trigger: state
        entity_id:
{triggers}
        to: "on"
    actions:
      - action: {action}
  - id: stock_door
    triggers:
      - trigger: state
        entity_id: binary_sensor.door
        to: "on"
        for: {{seconds: {HELD}}}
    actions:
      - action: {action.replace("trigger.entity_id.split('_')[-1]", f"'{DOOR}'")}
  - id: kvarbo_door
    triggers:
      - trigger: kvarbo.alarmed
        options:
          rule: door_open
          resident: 1
          owner: home_care
          suitable: true
          settings: {{limit: {HELD}, night_limit: {HELD}}}
    actions:
      - action: kvarbo.raise_alarm
        data:
          episode: "{{{{ trigger.episode }}}}"
"""
