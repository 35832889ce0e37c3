"""When a model is left alone."""

from mailbeat.labeling.llm.breaker import FAILURES, LONGEST_PAUSE, PAUSE, Breaker


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_opens_after_some_failures_in_a_row():
    breaker = Breaker()

    opened = [breaker.failed() for _ in range(FAILURES)]

    assert opened == [False] * (FAILURES - 1) + [True]
    assert not breaker.may_pass()


def test_a_success_starts_the_count_anew():
    breaker = Breaker()
    breaker.failed()
    breaker.failed()

    breaker.succeeded()

    assert not breaker.failed()
    assert breaker.may_pass()


def test_after_the_pause_one_tries_and_decides_for_all():
    breaker = Breaker(clock=(clock := Clock()))
    for _ in range(FAILURES):
        breaker.failed()

    clock.now = PAUSE + 1

    assert [breaker.may_pass(), breaker.may_pass()] == [True, False]
    breaker.succeeded()
    assert [breaker.may_pass(), breaker.may_pass()] == [True, True]


def test_a_failed_try_opens_it_again():
    breaker = Breaker(clock=(clock := Clock()))
    for _ in range(FAILURES):
        breaker.failed()
    clock.now = PAUSE + 1
    breaker.may_pass()

    assert breaker.failed()

    clock.now += PAUSE - 1
    assert not breaker.may_pass()
    assert breaker.is_open


def test_a_try_whose_thread_died_is_not_the_last():
    breaker = Breaker(clock=(clock := Clock()))
    for _ in range(FAILURES):
        breaker.failed()
    clock.now = PAUSE + 1
    breaker.may_pass()

    clock.now += PAUSE + 1

    assert breaker.may_pass()


def test_what_lasts_opens_it_at_once():
    assert Breaker().failed(at_once=True)


def test_it_stays_open_as_long_as_the_model_asks_within_reason():
    breaker = Breaker(clock=(clock := Clock()))

    assert breaker.failed(pause=10 * LONGEST_PAUSE)

    clock.now = LONGEST_PAUSE - 1
    assert not breaker.may_pass()
    clock.now = LONGEST_PAUSE + 1
    assert breaker.may_pass()
