"""Time that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

MOMENT = datetime(2025, 10, 20, 9, 30, tzinfo=UTC)


class FakeClock:
    def __init__(self, moment: datetime = MOMENT) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, by: timedelta) -> None:
        self.moment += by
