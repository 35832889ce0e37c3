"""`python -m mailbeat.cli` is `mailbeat`."""

from mailbeat.cli.main import main

main(prog_name="mailbeat")
