"""What can go wrong with the machine, each with what to do about it."""


class MachineError(RuntimeError):
    """A server could not be started or stopped; the message says what to do."""
