"""Where state and configuration are looked for: what was said, the environment, the service's, the user's own."""

from pathlib import Path

import pytest

from autotrader.cli.places import config_file, state_directory
from autotrader.errors import UserMistake

NAMED = Path("/named")


@pytest.fixture
def service(tmp_path: Path) -> Path:
    (tmp_path / "service").mkdir()
    return tmp_path / "service"


@pytest.mark.parametrize(
    ("named", "environ", "served", "found"),
    [
        pytest.param(NAMED, {"AUTOTRADER_STATE": "/env"}, True, "/named", id="what was said wins"),
        pytest.param(None, {"AUTOTRADER_STATE": "/env", "XDG_STATE_HOME": "/xdg"}, True, "/env", id="then the environment"),
        pytest.param(None, {"XDG_STATE_HOME": "/xdg", "HOME": "/h"}, True, "SERVICE", id="then the service's, when it is there"),
        pytest.param(None, {"XDG_STATE_HOME": "/xdg", "HOME": "/h"}, False, "/xdg/autotrader", id="then XDG"),
        pytest.param(None, {"XDG_STATE_HOME": "relative", "HOME": "/h"}, False, "/h/.local/state/autotrader", id="XDG must be absolute"),
        pytest.param(None, {"HOME": "/h"}, False, "/h/.local/state/autotrader", id="then home"),
    ],
)
def test_the_state_is_the_first_of(service, named, environ, served, found):
    place = service if served else service / "none"
    assert state_directory(named, environ, place) == (service if found == "SERVICE" else Path(found))


def test_a_service_directory_that_we_may_not_read_is_not_ours(service, tmp_path):
    (tmp_path / "file").write_text("")
    assert state_directory(None, {"HOME": "/h"}, tmp_path / "file") == Path("/h/.local/state/autotrader")


def test_the_configuration_is_the_first_that_exists(service, tmp_path):
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    own, served = tmp_path / "xdg" / "autotrader" / "config.yaml", service / "config.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("")
    assert config_file(None, environ, served) == own
    served.write_text("")
    assert config_file(None, environ, served) == served
    assert config_file(None, {**environ, "AUTOTRADER_CONFIG": "/env.yaml"}, served) == Path("/env.yaml")
    assert config_file(NAMED, {**environ, "AUTOTRADER_CONFIG": "/env.yaml"}, served) == NAMED


def test_no_configuration_at_all_names_the_places(service, tmp_path):
    with pytest.raises(UserMistake, match=r"there is no configuration file \(.*/service/config\.yaml, .*/\.config/autotrader/config\.yaml"):
        config_file(None, {"HOME": str(tmp_path)}, service / "config.yaml")
