"""One module per format, each with `read(data, name, aids)`; all end in the same neutral document."""
