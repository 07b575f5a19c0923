"""The lessons, one file each, to be read from top to bottom. Each has ``run(settings)``, which gives its result."""
