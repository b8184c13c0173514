"""How an alarm leaves the home: receivers, order, retry, fail-over, heartbeat. Pure asyncio, no Home Assistant."""
