"""How well mail is decided, before and after teaching, and what that costs.

    python -W ignore benchmarks/decisions.py [--only cold taught stream hard reasons
        speed] [--small] [--corpus ../shared/mail/corpus]

Accuracy is of the best guess, whether sure or not; coverage is the share that is sure
enough to be labelled, precision how much of that is right. `hand` are newsletters,
offers, receipts and notifications of real senders, at most ten of one domain; `modern`
the messages that the words were never tuned on, `tuned` those that they were. The split
is explained in decisions_mail.py, the scores in decisions_scores.py.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from benchmarks import decisions_mail as mail_of
from benchmarks import decisions_reasons, decisions_speed
from benchmarks.decisions_mail import TRUSTED, Mail
from benchmarks.decisions_peers import (
    FactsAlone,
    Ours,
    Peer,
    can_learn,
    example_of,
    learning_peers,
)
from benchmarks.decisions_scores import Answer, balanced_recall, score, share_in
from benchmarks.machine import describe
from mailbeat.labeling.category import Category

TAUGHT = (5, 20, 100)  # examples of each category
STREAM, LAST = 1_500, 700  # messages
SEEDS = (0, 1, 2)
PARTS = ("cold", "taught", "stream", "hard", "reasons", "speed")
SLICES = ("hand", "synthetic", "modern", "tuned")

HEAD = f"{'':34}{'count':>6}{'right':>7}{'F1':>7}{'cover':>7}{'prec.':>7}{'calib.':>7}"


def row(name: str, answers: Sequence[Answer]) -> str:
    got = score(answers)
    return (
        f"{name:34}{got.count:>6}{got.accuracy:>7.3f}{got.macro_f1:>7.3f}"
        f"{got.coverage:>7.3f}{got.precision:>7.3f}{got.calibration:>7.3f}"
    )


def print_slices(name: str, answers: Sequence[Answer]) -> None:
    """A line for each slice, and one for all of the corpus but spam."""
    for kind in SLICES:
        some = [one for one in answers if one.mail.kind == kind and not is_trap(one)]
        if some:
            print(row(f"{name}, {kind}", some))
    real = [one for one in answers if one.mail.group and not one.mail.is_spam]
    balanced = balanced_recall(real)
    print(row(f"{name}, total", real) + f"   sender-balanced {balanced:.3f}")


def print_each(title: str, answers: Sequence[Answer]) -> None:
    print(f"\n{title}\n{HEAD}")
    for label in sorted({one.mail.label for one in answers}):
        print(row(f"  {label}", [one for one in answers if one.mail.label == label]))


def is_trap(answer: Answer) -> bool:
    return answer.mail.is_spam


def cold(corpus: Sequence[Mail], modern: Sequence[Mail]) -> None:
    mails = [mail for mail in [*corpus, *modern] if not mail.is_spam]
    print(f"\nCold: nothing was taught\n{HEAD}")
    answers: dict[str, list[Answer]] = {}
    for peer in (Ours(), FactsAlone()):
        answers[peer.name] = peer.answer(mails)
        print_slices(peer.name, answers[peer.name])
    ours = answers["ours"]
    for kind in ("hand", "synthetic", "modern"):
        some = [one for one in ours if one.mail.kind == kind]
        print_each(f"Cold, ours, {kind}, by category", some)
    real = [one for one in ours if one.mail.group]
    print_each("Cold, ours, total, by category", real)
    print(f"\nCold, ours, by language: modern\n{HEAD}")
    for language in sorted({one.folder for one in modern if one.kind == "modern"}):
        some = [one for one in ours if one.mail.kind == "modern"]
        print(row(f"  {language}", [one for one in some if _is_of(one, language)]))


def _is_of(answer: Answer, language: str) -> bool:
    return answer.mail.folder == language


def taught(corpus: Sequence[Mail], modern: Sequence[Mail]) -> None:
    """Teach one half and ask about the other, both ways round."""
    sides = mail_of.halves([mail for mail in corpus if not mail.is_spam])
    extra = [mail for mail in modern if not mail.is_spam]
    kinds: list[Callable[[], Peer]] = [Ours, FactsAlone, *learning_peers()]
    for count in TAUGHT:
        print(f"\nAfter {count} of each category\n{HEAD}")
        for kind in kinds:
            answers: list[Answer] = []
            for known, asked in (sides, sides[::-1]):
                peer = kind()
                peer.learn(mail_of.some_of_each(known, count, seed=0))
                answers += peer.answer([*asked, *extra])
            print_slices(peer.name, answers)


def stream(corpus: Sequence[Mail], length: int, seeds: Sequence[int]) -> None:
    """Mail in random order for a user whose folders are the user's own."""
    print(
        f"\nStream of {length:,}, each mistake corrected; the user's own folders"
        f"\n{'':34}{'corrections':>12}{f'right of last {LAST}':>22}{'labelled':>10}"
        f"{'of it right':>13}"
    )
    mails = [mail for mail in corpus if not mail.is_spam]
    for seed in seeds:
        some = Random(seed).sample(mails, min(length, len(mails)))
        answers = answer_stream(some)
        got = score(answers[-LAST:])
        wrong = sum(not one.is_right for one in answers)
        print(
            f"ours, seed {seed:<23}{wrong:>12}{got.accuracy:>22.3f}"
            f"{got.coverage:>10.3f}{got.precision:>13.3f}",
            flush=True,
        )


def answer_stream(mails: Sequence[Mail]) -> list[Answer]:
    """Ask about one message after the other, and teach what was answered wrongly."""
    filed = [replace(mail, label=own_folder(mail)) for mail in mails]
    names = sorted({mail.label for mail in filed})
    categories = [
        Category(100 + i, f"own-{i}", name, name, "", "blue")
        for i, name in enumerate(names)
    ]
    ours = Ours(categories)
    examples: list[object] = []
    answers: list[Answer] = []
    for mail in filed:
        answers += ours.answer([mail])
        if not answers[-1].is_right:
            examples.append(example_of(mail, ours.ids[mail.label]))
            ours.build(examples)
    return answers


def own_folder(mail: Mail) -> str:
    """Where this user files it: lists apart, and under no name that we know."""
    if mail.label == "Forums":
        return f"on {mail.folder}"
    return f"my {mail.label.lower()}"


def hard(corpus: Sequence[Mail], traps: Mapping[str, Sequence[Mail]]) -> None:
    """What must not be believed: spam, and phishing and sales pitches of today."""
    sides = mail_of.halves([mail for mail in corpus if not mail.is_spam])
    spam = [mail for mail in corpus if mail.is_spam]
    print(
        f"\nHard: shares that are labelled\n{'':34}{'count':>6}"
        f"{'Receipts, Finance, Security, Calendar':>40}{'Personal':>10}"
    )
    for name, known in (("cold", []), ("after 20", sides[0])):
        ours = Ours()
        if known and not can_learn():
            continue
        if known:
            ours.learn(mail_of.some_of_each(known, 20, seed=0))
        for kind, mails in {"spam": spam, **traps}.items():
            answers = ours.answer(mails)
            money = share_in(answers, TRUSTED)
            personal = share_in(answers, ["Personal"])
            title = f"ours, {name}, {kind}"
            print(f"{title:34}{len(mails):>6}{money:>40.3f}{personal:>10.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--small", action="store_true", help="a third of the mail")
    parser.add_argument("--corpus", type=Path, default=mail_of.CORPUS)
    options = parser.parse_args()
    if not options.corpus.exists():
        print(f"The shared mail is not at {options.corpus}; see --corpus.")
        return
    corpus = mail_of.load_corpus(options.corpus)
    if options.small:
        corpus = corpus[::3]
    modern = mail_of.load_modern(mail_of.UNTUNED, "modern")
    tuned = mail_of.load_modern(mail_of.TUNED, "tuned")
    traps = {
        "traps": mail_of.load_modern(mail_of.TRAPS, "traps"),
        "tuned traps": mail_of.load_modern(mail_of.TUNED_TRAPS, "traps"),
    }
    print(describe())
    if "cold" in options.only:
        cold(corpus, [*modern, *tuned])
    if "taught" in options.only and can_learn():
        taught(corpus, [*modern, *tuned])
    if "stream" in options.only and can_learn():
        stream(corpus, STREAM, SEEDS[:1] if options.small else SEEDS)
    if "hard" in options.only:
        hard(corpus, traps)
    if "reasons" in options.only:
        decisions_reasons.check([*corpus, *modern, *tuned])
    if "speed" in options.only:
        decisions_speed.measure(corpus)


if __name__ == "__main__":
    main()
