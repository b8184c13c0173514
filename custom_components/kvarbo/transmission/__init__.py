"""How an alarm leaves the home.

Receivers, order, retry, fail-over, heartbeat. Pure asyncio, no Home Assistant.
"""
