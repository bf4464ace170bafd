"""How the members of a shape are written: in JSON and CBOR, in XML, in a query."""
