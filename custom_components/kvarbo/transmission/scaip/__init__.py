"""A receiver that speaks SCAIP over SIP (SS 91100, CLC/TS 50134-9; docs/scaip.md)."""
