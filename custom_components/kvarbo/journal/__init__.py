"""What is on disk: alarms, messages, deliveries, markers and the audit chain. Pure, no Home Assistant."""
