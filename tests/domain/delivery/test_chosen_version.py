import pytest

from domain.delivery.chosen_version import chosen_version
from domain.delivery.errors import NoModelLoaded
from tests.support.examples import a_version


def test_version_is_the_named_one_or_else_the_champion():
    for name, chosen in (("1", "1"), (None, "2"), ("", "2")):
        assert chosen_version(name, a_version, lambda: a_version("2")).name == chosen
    assert chosen_version("1", a_version, lambda: None).name == "1"

    with pytest.raises(NoModelLoaded):
        chosen_version(None, a_version, lambda: None)
