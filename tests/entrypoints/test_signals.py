import contextlib
import os
import signal
import subprocess
import sys

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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_termination_is_raised_where_the_program_is(number):
    signals.raise_on_termination()

    with pytest.raises(signals.Terminated) as caught:
        os.kill(os.getpid(), number)

    assert caught.value.number == number
    assert not isinstance(caught.value, Exception)


@pytest.mark.parametrize("number", signals.ENDING)
def test_program_that_has_opened_nothing_yet_ends_at_once(number):
    program = "import os, sys; from entrypoints import signals; signals.exit_on_termination(); os.kill(os.getpid(), {})"

    ended = subprocess.run([sys.executable, "-c", program.format(int(number))], capture_output=True, check=False)

    assert (ended.returncode, ended.stdout, ended.stderr) == (128 + number, b"", b"")


class Doomed:
    """Is sent a signal while it is being destroyed, where Python can raise nothing."""

    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)


def test_signal_that_falls_into_a_destructor_is_quiet_and_not_forgotten(capsys):
    signals.raise_on_termination()

    Doomed()

    assert capsys.readouterr().err == ""
    with pytest.raises(signals.Terminated):
        signals.refuse_to_go_on()


@pytest.mark.parametrize("number", signals.ENDING)
def test_signal_that_comes_too_late_is_only_logged(number, caplog):
    signals.raise_on_termination()

    with signals.uninterrupted():
        os.kill(os.getpid(), number)

    assert [record.signal for record in caplog.records] == [signal.Signals(number).name]


@pytest.mark.parametrize(
    ("number", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, signals.Terminated)]
)
def test_signal_that_was_swallowed_is_not_forgotten(number, raised):
    signals.raise_on_termination()
    with contextlib.suppress(KeyboardInterrupt, signals.Terminated):
        os.kill(os.getpid(), number)

    assert signals.received() == number
    with pytest.raises(raised), signals.uninterrupted():
        pytest.fail("it went on")


def test_signals_work_again_afterwards():
    signals.raise_on_termination()
    with signals.uninterrupted():
        pass

    with pytest.raises(signals.Terminated):
        os.kill(os.getpid(), signal.SIGTERM)
