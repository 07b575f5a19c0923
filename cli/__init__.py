"""The command line; installs as ``provenance.cli``. Each command parses, calls the library and renders."""
