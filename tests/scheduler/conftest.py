"""A stage for planning, on databases of both kinds."""

import pytest

from knowledge.storage.database import Database
from tests.scheduler.stage import Stage
from tests.support.clock import FakeClock


@pytest.fixture
def stage(database: Database, clock: FakeClock) -> Stage:
    return Stage(database, clock)
