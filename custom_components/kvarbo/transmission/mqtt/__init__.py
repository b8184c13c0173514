"""Receivers that take alarms over MQTT 5: published at a broker, receipted by the application behind it."""
