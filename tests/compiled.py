"""What all apps of a process of tests have in common is compiled once, not for each.

Thousands of tests build an app each. By the profiler, two thirds of their time went
into the compiling of the same templates and routes.
"""

from types import CodeType

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class CompiledTemplates(BytecodeCache):
    """Code of templates by file and content."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


def compile_once() -> None:
    """Have every app of this process share compiled templates and routes."""
    Flask.jinja_options = {"bytecode_cache": CompiledTemplates()}
    _share_builders()


def _share_builders() -> None:
    """What builds the URL of a route is compiled from what stands in the key, alone."""
    compile_builder = Rule._compile_builder
    builders = {}

    def compile_or_find(rule: Rule, append_unknown: bool = True):  # noqa: FBT001, FBT002 # as Werkzeug has it
        key = rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown
        if key not in builders:
            builders[key] = compile_builder(rule, append_unknown)
        return builders[key]

    Rule._compile_builder = compile_or_find
