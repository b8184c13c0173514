"""What the config flow and the flows of its subentries are made of."""
