"""The mail engine in figures, on a real Dovecot, beside what one would take instead.

    python benchmarks/mail.py [--small] [--only throughput|cycle|memory|kills]
                              [--messages 1000] [--round-trip 0.04] [--trials 3]
                              [--postgres]

Throughput: new messages of 50 KB in the mean are read, decided about and labelled,
over a line with a round trip and over one without. Afterwards the labels of all are
looked up on the server; a method whose labels are wrong gets no figure. The methods
take turns, each in a process of its own, and all decide with the same rules. Those that
need a command or more for each message do only the first 100 over the slow line.

Cycle: what a worker does every five minutes, over TLS: 5 new messages in a mailbox of
10,000, and none. Memory: 10,000 messages, and how much more that holds than 100. Kills:
benchmarks/mail_kills.py.

Needs Debian's dovecot-imapd; mbsync (Debian's isync) takes part where it is installed.
"""

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import mail_kills
from benchmarks.databases import databases
from benchmarks.machine import describe
from benchmarks.mail_peers import Figures, Place, Worker, run_mbsync
from benchmarks.mail_samples import make_samples
from benchmarks.mail_site import Site, count_wrong, site
from tests.servers.dovecot import DovecotServer
from tests.servers.line import Count, LineProcess

MB = 1_000_000  # bytes
FEW = 100  # messages, of a method that needs a turn or more for each
NEW = 5  # messages in a cycle
SHORT = 8 * 1024  # bytes in the mean, where no more than that is ever read

TITLES = {
    "ours": "whole product, SQLite",
    "ours_postgres": "whole product, PostgreSQL",
    "mail": "mail/ alone",
    "per_message": "a command per message",
    "imap_tools": "imap-tools, defaults",
    "imap_tools_bulk": "imap-tools, bulk 500",
    "imapclient": "IMAPClient, parts, 500",
    "mbsync": "mbsync, only downloads",
}
ONE_BY_ONE = {"per_message", "imap_tools"}
# Over the slow line: ours, the peer, times as fast at least.
AIMS = (
    ("ours", "per_message", 120),
    ("mail", "per_message", 250),
    ("mail", "imapclient", 2.3),
    ("mail", "mbsync", 2.5),
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    messages: int
    few: int
    trials: int
    round_trip: float  # seconds
    many: int  # messages in the mailbox of the cycles, and for the memory
    times: int  # that the many are labelled
    cycles: int
    kills: int


# Throughput


@dataclass(frozen=True, slots=True)
class Row:
    """What one method did, and what it took for that."""

    messages: int
    wrong: int  # messages without their label, or with another
    seen: int  # messages
    figures: Figures
    passed: Count

    @property
    def per_second(self) -> float:
        return self.messages / self.figures.wall


NewDatabase = Callable[[], str]


def one_trial(
    place: Site,
    line: LineProcess,
    method: str,
    wanted: Mapping[str, str | None],
    *,
    limit: int,
    database: NewDatabase,
) -> Row:
    """Have a method label the mailbox, and look on the server what it did."""
    place.forget_labels("Bench")
    line.reset()
    if method == "mbsync":
        with tempfile.TemporaryDirectory() as folder:
            figures, came = run_mbsync(Place(line.port, "Bench"), Path(folder))
        wrong, seen = len(wanted) - came, 0
    else:
        figures = one_work(
            method.removesuffix("_postgres"),
            Place(line.port, "Bench", limit=limit),
            place,
            database,
        )
        found, seen = place.keywords("Bench")
        if method == "per_message":
            found = place.folders()
        wrong = count_wrong(wanted, found, limit=limit)
    done = limit or len(wanted)
    return Row(done, wrong, seen, figures, line.reset())


def one_work(method: str, where: Place, place: Site, database: NewDatabase) -> Figures:
    """Have a new process of a method work once."""
    if method == "ours":
        where = place.with_account(where, database())
    worker = Worker(method, where)
    figures = worker.work()
    worker.end()
    return figures


def throughput(place: Site, sizes: Sizes, by_title: Mapping[str, NewDatabase]) -> None:
    samples = make_samples(sizes.messages, seed=6)
    wanted = place.deliver("Bench", samples)
    warm(place)
    methods = [method for method in TITLES if method != "ours_postgres"]
    if "PostgreSQL" in by_title:
        methods.insert(1, "ours_postgres")
    if shutil.which("mbsync") is None:
        methods.remove("mbsync")
        print("\nmbsync is not installed (Debian's isync) and takes no part")
    for round_trip in (sizes.round_trip, 0.0):
        rows: dict[str, list[Row]] = {method: [] for method in methods}
        with LineProcess(place.server.port, round_trip=round_trip) as line:
            for _ in range(sizes.trials):
                for method in methods:
                    few = sizes.few if method in ONE_BY_ONE and round_trip else 0
                    row = one_trial(
                        place,
                        line,
                        method,
                        wanted,
                        limit=few if few < len(wanted) else 0,
                        database=by_title[
                            "PostgreSQL" if method == "ours_postgres" else "SQLite"
                        ],
                    )
                    rows[method].append(row)
        show_throughput(rows, len(wanted), round_trip, sizes.trials)
        if round_trip:
            show_ratios(rows)


def warm(place: Site) -> None:
    """Have the server put the header fields into its cache."""
    one_work("imapclient", Place(place.server.port, "Bench"), place, place.sqlite)


def show_throughput(
    rows: Mapping[str, Sequence[Row]], messages: int, round_trip: float, trials: int
) -> None:
    print(
        f"\n{messages} messages, round trip {1000 * round_trip:.0f} ms, "
        f"medians of {trials}"
    )
    print(
        f"{'':27} messages/s  turns  MB down  CPU ms/message  RSS MiB  \\Seen"
        "   x per message"
    )
    floor = rate(rows["per_message"])
    for method, tried in rows.items():
        few = tried[0].messages < messages
        title = TITLES[method] + (f" ({tried[0].messages})" if few else "")
        if wrong := max(row.wrong for row in tried):
            print(f"  {title:27} WRONG: {wrong} of {tried[0].messages} messages")
            continue
        cpu = median(tried, lambda row: row.figures.cpu) / tried[0].messages
        print(
            f"  {title:27} {rate(tried):8.1f} "
            f"{median(tried, lambda row: row.passed.turns):6.0f} "
            f"{median(tried, lambda row: row.passed.bytes_down) / MB:8.2f} "
            f"{1000 * cpu:15.2f} "
            f"{median(tried, lambda row: row.figures.rss):8.0f} "
            f"{max(row.seen for row in tried):6} "
            f"{rate(tried) / floor:15.1f}"
        )


def show_ratios(rows: Mapping[str, Sequence[Row]]) -> None:
    for ours, peer, aim in AIMS:
        if peer not in rows:
            continue
        if any(row.wrong for row in (*rows[ours], *rows[peer])):
            continue
        ratio = rate(rows[ours]) / rate(rows[peer])
        names = f"{TITLES[ours]} : {TITLES[peer]}"
        print(f"  {names:48} {ratio:7.1f} x  (aim: >= {aim:g})")


def rate(rows: Sequence[Row]) -> float:
    return median(rows, lambda row: row.per_second)


def median(rows: Sequence[Row], value: Callable[[Row], float]) -> float:
    return statistics.median(value(row) for row in rows)


# Cycles


def cycles(place: Site, sizes: Sizes) -> None:
    """New messages come or do not, and one warm process looks again and again."""
    print(
        f"\na cycle over TLS, mailbox of {sizes.many}, round trip "
        f"{1000 * sizes.round_trip:.0f} ms, medians of {sizes.cycles}"
    )
    print(f"{'':33} wall   turns   KB up and down   CPU")
    environment = {"SSL_CERT_FILE": str(place.authority)}
    for method in ("mail", "ours"):
        mailbox = f"Cycle-{method}"
        # So old that none of them is new.
        samples = make_samples(sizes.many, seed=7, mean_bytes=2000)
        place.deliver(mailbox, samples, days_ago=30)
        with LineProcess(place.server.tls_port, round_trip=sizes.round_trip) as line:
            where = Place(line.port, mailbox, security="tls")
            if method == "ours":
                where = place.with_account(where, place.sqlite())
            worker = Worker(method, where, environment=environment)
            for new in (0, NEW):
                worker.work()  # warm; the watermark is known
                measured = [
                    one_cycle(place, line, worker, mailbox, new, seed=100 + n)
                    for n in range(sizes.cycles)
                ]
                show_cycle(method, new, measured)
            worker.end()


def one_cycle(
    place: Site, line: LineProcess, worker: Worker, mailbox: str, new: int, *, seed: int
) -> Row:
    wanted = place.deliver(mailbox, make_samples(new, seed=seed)) if new else {}
    line.reset()
    figures = worker.work()
    passed = line.reset()
    found, seen = place.keywords(mailbox) if new else ({}, 0)
    return Row(new, count_wrong(wanted, found), seen, figures, passed)


def show_cycle(method: str, new: int, rows: Sequence[Row]) -> None:
    title = f"{TITLES[method].partition(',')[0]}, {new or 'none'} new"
    if any(row.wrong for row in rows):
        print(f"  {title:27} WRONG")
        return
    aims = "<= 0.35 s, 6 turns, 40 KB" if new else "<= 5 turns, 20 KB, 15 ms CPU"
    print(
        f"  {title:27} {median(rows, lambda row: row.figures.wall):6.3f} s "
        f"{median(rows, lambda row: row.passed.turns):5.0f} "
        f"{median(rows, passed_bytes) / 1000:13.1f} "
        f"{1000 * median(rows, lambda row: row.figures.cpu):10.1f} ms  (aim: {aims})"
    )


def passed_bytes(row: Row) -> float:
    return row.passed.bytes_up + row.passed.bytes_down


# Memory


def memory(place: Site, sizes: Sizes) -> None:
    print(
        f"\npeak memory in MiB of {sizes.many} messages, {sizes.times} times, "
        "and of 100"
    )
    by_size = {
        size: place.deliver(
            f"Memory{size}", make_samples(size, seed=8, mean_bytes=SHORT)
        )
        for size in (100, sizes.many)
    }
    for method in ("mail", "ours"):
        few, many = (
            [
                one_memory(place, method, f"Memory{size}", by_size[size])
                for _ in range(sizes.times)
            ]
            for size in (100, sizes.many)
        )
        wrong = sum(row.wrong for row in (*few, *many))
        seen = sum(row.seen for row in (*few, *many))
        most = max(row.figures.rss for row in many)
        little = statistics.median(row.figures.rss for row in few)
        print(
            f"  {TITLES[method]:27} {most:6.1f} and {little:6.1f}: "
            f"{most - little:+5.1f}  (aim: <= 10);  {wrong} wrong, {seen} \\Seen;  "
            f"{rate(many):.0f} messages/s"
        )


def one_memory(
    place: Site, method: str, mailbox: str, wanted: Mapping[str, str | None]
) -> Row:
    place.forget_labels(mailbox)
    where = Place(place.server.port, mailbox)
    figures = one_work(method, where, place, place.sqlite)
    found, seen = place.keywords(mailbox)
    return Row(len(wanted), count_wrong(wanted, found), seen, figures, Count())


# All of it

PARTS = ("throughput", "cycle", "memory", "kills")


def main(only: str | None, sizes: Sizes, *, postgres: bool, seed: int) -> None:
    if not DovecotServer.is_installed():
        print("Dovecot is not installed (apt-get install dovecot-imapd): no figures")
        return
    print(describe())
    parts = [only] if only else PARTS
    with site() as place, some_databases(place, postgres=postgres) as by_title:
        if "throughput" in parts:
            throughput(place, sizes, by_title)
        if "cycle" in parts:
            cycles(place, sizes)
        if "memory" in parts:
            memory(place, sizes)
        if "kills" in parts:
            with tempfile.TemporaryDirectory() as name:
                tally = mail_kills.kill_runs(place, Path(name), sizes.kills, seed=seed)
            mail_kills.show(tally)


@contextmanager
def some_databases(place: Site, *, postgres: bool) -> Iterator[dict[str, NewDatabase]]:
    if not postgres:
        yield {"SQLite": place.sqlite}
        return
    with tempfile.TemporaryDirectory() as name, databases(Path(name)) as by_title:
        yield by_title | {"SQLite": place.sqlite}


FULL = Sizes(1000, FEW, 3, 0.04, 10_000, 5, 20, 200)
SMALL = Sizes(100, 10, 1, 0.04, 500, 1, 3, 6)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="within a minute")
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--messages", type=int)
    parser.add_argument("--round-trip", type=float, default=0.04, help="seconds")
    parser.add_argument("--trials", type=int)
    parser.add_argument("--many", type=int, help="messages, for cycle and memory")
    parser.add_argument("--kills", type=int)
    parser.add_argument("--postgres", action="store_true", help="beside SQLite")
    parser.add_argument("--seed", type=int, default=1, help="of the kills")
    options = parser.parse_args()
    base = SMALL if options.small else FULL
    main(
        options.only,
        Sizes(
            options.messages or base.messages,
            base.few,
            options.trials or base.trials,
            options.round_trip,
            options.many or base.many,
            base.times,
            base.cycles,
            options.kills or base.kills,
        ),
        postgres=options.postgres,
        seed=options.seed,
    )
