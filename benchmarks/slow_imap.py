"""`python -m benchmarks.slow_imap PORT SECONDS`: mailboxes with nothing new, slowly.

Every user has three old messages. Each SELECT is answered after SECONDS, and all else
at once: a run is network time and nothing else. pymap with 200 connections at once
would need more of the processor than the worker that is measured.
"""

import asyncio
import sys

MOST_WAITING = 500  # connections not accepted yet

ANSWERS = {
    b"SELECT": b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 4] ok\r\n"
    b"* OK [PERMANENTFLAGS (\\Seen \\*)] ok\r\n",
    b"UID SEARCH SINCE": b"* SEARCH\r\n",
    b"UID SEARCH UID": b"* SEARCH 3\r\n",
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
    b"LOGOUT": b"* BYE\r\n",
}


async def talk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pause: float
) -> None:
    writer.write(b"* OK [CAPABILITY IMAP4rev1] hello\r\n")
    while line := await reader.readline():
        tag, _, command = line.rstrip().partition(b" ")
        if command.startswith(b"SELECT"):
            await asyncio.sleep(pause)
        told = [text for key, text in ANSWERS.items() if command.startswith(key)]
        writer.write(b"".join(told) + tag + b" OK done\r\n")
    writer.close()


async def serve(port: int, pause: float) -> None:
    server = await asyncio.start_server(
        lambda reader, writer: talk(reader, writer, pause),
        "127.0.0.1",
        port,
        backlog=MOST_WAITING,
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
