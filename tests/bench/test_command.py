"""How a measurement ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.command import exit_code
from ops.errors import Stop


def failing(error: BaseException) -> Callable[[], None]:
    """Return a measurement that ends like this."""

    def measure() -> None:
        raise error

    return measure


def test_a_measurement_that_ends_well() -> None:
    assert exit_code(lambda: None) == 0


@pytest.mark.parametrize("error", [Stop("There is no model."), OSError("There is no model.")])
def test_a_problem_becomes_one_sentence(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(failing(error), OSError) == 1
    assert "There is no model." in capsys.readouterr().err


def test_ctrl_c_becomes_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(failing(KeyboardInterrupt())) == 130
    assert "Stopped." in capsys.readouterr().err


def test_what_nobody_foresaw_is_not_hidden() -> None:
    with pytest.raises(OSError, match="broken"):
        exit_code(failing(OSError("broken")))
