"""`python -m tests.servers.pymap_process PORT`: pymap that takes users on its stdin.

Stock pymap drops custom keywords; the wildcard among the permanent flags keeps them.
With `stock` behind the port it is left as it is.
"""

import argparse
import asyncio
import json
import sys
from contextlib import AsyncExitStack

from pymap.backend.dict import DictBackend
from pymap.backend.dict.mailbox import MailboxData
from pymap.imap import IMAPService
from pymap.parsing.specials.flag import Recent, Wildcard, get_system_flags
from pymap.user import Passwords, UserMetadata
from pysasl.hashing import BuiltinHash

PERMANENT = frozenset((get_system_flags() - {Recent}) | {Wildcard})


async def serve(port: int, *, is_stock: bool) -> None:
    if not is_stock:
        MailboxData.permanent_flags = property(lambda _self: PERMANENT)  # type: ignore[assignment]
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers(dest="backend")
    DictBackend.add_subparser("dict", subparsers)
    IMAPService.add_arguments(parser)
    parser.set_defaults(debug=False, passlib_cfg=None)
    args = parser.parse_args(
        ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "dict"]
    )
    # A hash that is hard to break costs 0.3 s a login; these passwords guard nothing.
    backend, config = await DictBackend.init(
        args, invalid_user_sleep=0.0, hash_context=BuiltinHash(rounds=1)
    )
    config.apply_context()
    async with AsyncExitStack() as stack:
        await backend.start(stack)
        await IMAPService(backend, config).start(stack)
        while line := await asyncio.to_thread(sys.stdin.readline):
            order = json.loads(line)
            name = order["address"]
            hashed = await Passwords(config).hash_password(order["password"])
            backend.login.users_dict[name] = UserMetadata(config, name, password=hashed)
            sys.stdout.write("done\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), is_stock="stock" in sys.argv))
