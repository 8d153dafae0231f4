import os
import signal
import subprocess
import sys
import threading

import pytest

from entrypoints import signals


@pytest.fixture(autouse=True)
def handlers(monkeypatch):
    before = {number: signal.getsignal(number) for number in signals.ENDING}
    monkeypatch.setattr(signals, "_received", [])
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_termination_is_raised_where_the_program_is():
    signals.raise_on_termination()

    for number in (signal.SIGTERM, signal.SIGHUP):
        with pytest.raises(signals.Terminated) as caught:
            os.kill(os.getpid(), number)
        assert caught.value.number == number
        assert not isinstance(caught.value, Exception)


def test_program_that_has_opened_nothing_yet_ends_at_once():
    program = "import os, sys; from entrypoints import signals; signals.exit_on_termination(); os.kill(os.getpid(), {})"
    for number in signals.ENDING:
        ended = subprocess.run([sys.executable, "-c", program.format(int(number))], capture_output=True, check=False)

        assert (ended.returncode, ended.stdout, ended.stderr) == (128 + number, b"", b"")


class Doomed:
    """Is sent a signal while it is being destroyed, where Python can raise nothing."""

    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)


def test_signal_that_a_destructor_swallows_is_quiet_and_raised_again(capsys):
    signals.raise_on_termination()

    Doomed()

    assert capsys.readouterr().err == ""
    assert signals.received() == signal.SIGTERM
    with pytest.raises(signals.Terminated):
        signals.raise_pending_signal()
    with pytest.raises(signals.Terminated), signals.defer_signals():
        pytest.fail("it went on")


def test_signal_that_comes_too_late_is_only_logged_and_a_later_one_raises(caplog):
    signals.raise_on_termination()

    with signals.defer_signals():
        for number in signals.ENDING:
            os.kill(os.getpid(), number)
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)

    assert [record.signal for record in caplog.records] == [number.name for number in signals.ENDING]


def test_signal_ends_a_wait_and_never_what_runs_before_it():
    signals.raise_on_termination()
    before = signal.getsignal(signal.SIGTERM)

    with signals.signals_while_waiting() as wait:
        wait(0.0)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(signals.Terminated):
            wait(60.0)
    with signals.signals_while_waiting() as wait:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            wait(60.0)

    assert signal.getsignal(signal.SIGTERM) is before
