"""The home file: all that a coordinator sets of a home, as one versioned YAML text (R44, R51).

Read, written, compared, signed and made from a profile here; carried out elsewhere. Of what is
secret it holds nothing.
"""
