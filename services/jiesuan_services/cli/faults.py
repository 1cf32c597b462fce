"""What a user can mend of what the system or the broker refused, as one sentence."""

import errno
from typing import Final

SENTENCES: Final = {
    errno.ENOENT: "没有这个文件或目录，请核对路径",
    errno.ENOTDIR: "路径中有一段不是目录，请核对路径",
    errno.EISDIR: "是目录，不是文件，请核对路径",
    errno.EEXIST: "已存在，请另选一个路径",
    errno.ENAMETOOLONG: "文件名过长，请改短",
    errno.EACCES: "没有权限，请核对权限或另选一个路径",
    errno.EPERM: "没有权限，请核对权限或另选一个路径",
    errno.EROFS: "所在的磁盘只读，请另选一个路径",
    errno.ENOSPC: "磁盘已满，请腾出空间后重试",
    errno.EDQUOT: "磁盘配额已用完，请腾出空间后重试",
    errno.EFBIG: "超过允许的文件大小（ulimit -f），请放宽后重试",
    errno.EMFILE: "打开的文件过多（ulimit -n），请放宽后重试",
}

_AWAY: Final = ("KafkaConnectionError", "NoBrokersAvailable", "NodeNotReadyError")
_SLOW: Final = ("KafkaTimeoutError", "RequestTimedOutError")
"""Names of what aiokafka raises: it takes long to import."""
_DATABASE_AWAY: Final = "连不上PostgreSQL：请用jiesuan up启动"
_GONE: Final = {
    "PostgresConnectionError",
    "OperatorInterventionError",
    "InsufficientResourcesError",
}
"""Names of what asyncpg raises when the server, not the statement, is the trouble."""


def sentence_of(wrong: OSError) -> str | None:
    """Say what is wrong with a file, and what to do; None if that is not known.

    >>> sentence_of(FileNotFoundError(errno.ENOENT, "", "a/b"))
    'a/b：没有这个文件或目录，请核对路径'
    >>> sentence_of(BrokenPipeError(errno.EPIPE, ""))

    What no file is, is the database: Kafka's client has faults of its own.

    >>> sentence_of(ConnectionRefusedError(errno.ECONNREFUSED, ""))
    '连不上PostgreSQL：请用jiesuan up启动'
    """
    if isinstance(wrong, ConnectionError) and not isinstance(wrong, BrokenPipeError):
        return _DATABASE_AWAY
    said = SENTENCES.get(wrong.errno or 0)
    if said is None or wrong.filename is None:
        return said
    return f"{wrong.filename}：{said}"


def broker_sentence_of(wrong: RuntimeError) -> str:
    """Say what the broker's client met, and what to do.

    >>> class RequestTimedOutError(RuntimeError): ...
    >>> broker_sentence_of(RequestTimedOutError("[Error 7] RequestTimedOutError"))
    'Kafka没有及时应答：请用jiesuan status查看后重试'
    """
    name = type(wrong).__name__
    if name in _AWAY:
        return "连不上Kafka：请用jiesuan up启动"
    if name in _SLOW:
        return "Kafka没有及时应答：请用jiesuan status查看后重试"
    return f"Kafka没有办理（{wrong}）：请用jiesuan status查看"


def database_sentence_of(wrong: Exception) -> str:
    """Say what the database's client met, and what to do.

    >>> class CannotConnectNowError(Exception): ...
    >>> database_sentence_of(CannotConnectNowError("starting up"))
    'PostgreSQL没有办理（starting up）：请用jiesuan status查看'
    """
    names = {one.__name__ for one in type(wrong).__mro__}
    if names & _GONE:
        return _DATABASE_AWAY
    return f"PostgreSQL没有办理（{wrong}）：请用jiesuan status查看"
