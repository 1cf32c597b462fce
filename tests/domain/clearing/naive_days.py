"""The days of §10, written out once more."""

from datetime import date, datetime, timedelta, timezone


def beijing(time: str) -> date:
    """Return the Beijing day of an instant."""
    return datetime.fromisoformat(time).astimezone(timezone(timedelta(hours=8))).date()


def counted(time: str, recorded: str) -> date:
    """Return the day that counts."""
    asked, late = beijing(time), beijing(recorded)
    return late if (late - asked).days > 3 else asked


def later(month: str, by: int) -> tuple[int, int]:
    """Return year and month so many months later."""
    year, zero = divmod(int(month[:4]) * 12 + int(month[4:]) - 1 + by, 12)
    return year, zero + 1


def declare_by(month: str) -> date:
    """Return the 20th of the next month."""
    return date(*later(month, 1), 20)


def latest_on(month: str) -> date:
    """Return two months after that."""
    return date(*later(month, 3), 20)


def hard_stop(month: str) -> date:
    """Return 31 March of the next year."""
    return date(int(month[:4]) + 1, 3, 31)


def months_apart(earlier: str, after: str) -> int:
    """Count months."""
    return 12 * (int(after[:4]) - int(earlier[:4])) + int(after[4:]) - int(earlier[4:])
