"""One file per engine: how an expert would ask each work of it."""
