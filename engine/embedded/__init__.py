"""Private PostGIS and Redis under `var/`, so that a trial needs no administrator.

Production sets DATABASE_URL and REDIS_URL and never comes here; only the command line uses
this package, and it imports nothing else of `engine`.

    services = start()                       # idempotent, quick when already running
    services.settings()                      # {"DATABASE_URL": ..., "OWNER_DATABASE_URL": ..., ...}
    create_database(services, "tianqi_template")
    clone_database(services, "tianqi_w0", template="tianqi_template")
    stop()

    with session() as services:              # the last session to end stops them, SIGTERM included
        supervise([Command("web", (...)), ...], var=services.var)

What lies where (`var` is TIANQI_VAR, else `var/` beside the source):

    var/embedded.json    ports and passwords, mode 0600
    var/embedded.lock    held while something is started or stopped
    var/users.lock       shared by all sessions
    var/up.lock          held while `tianqi up` runs
    var/postgres/        data/, run/ (socket), postgres.log
    var/redis/           redis.conf, append-only files, redis.log
    var/log/             one log per supervised command
    var/data-directory   only where the server account cannot enter var/: names the folder
                         under /var/lib/tianqi that holds postgres/ and redis/ instead

PostgreSQL refuses to run as root: started by root, both servers run as the owner of the data
folder that is there, else as the system user `postgres`. The database superuser has no
password: it is reached by the socket only, from that account or from root. The roles the
programs use (databases.ROLES) come by loopback TCP with random passwords.
"""

from engine.embedded.databases import clone_database, create_database, drop_database, prepare_database
from engine.embedded.errors import EmbeddedError
from engine.embedded.services import (
    Services,
    ServiceStatus,
    default_var,
    kept_running,
    session,
    start,
    status,
    stop,
)
from engine.embedded.supervisor import Command, require_free_port, supervise

__all__ = [
    "Command",
    "EmbeddedError",
    "ServiceStatus",
    "Services",
    "clone_database",
    "create_database",
    "default_var",
    "drop_database",
    "kept_running",
    "prepare_database",
    "require_free_port",
    "session",
    "start",
    "status",
    "stop",
    "supervise",
]
