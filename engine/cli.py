"""The command `tianqi`."""

import click

from engine.commands import (
    audit,
    backtest,
    case,
    demo,
    exchange,
    export,
    incidents,
    migration,
    process,
    register,
    scenarios,
    seal,
    stores,
    up,
)
from engine.embedded import commands as embedded_commands


@click.group(help="田契 Tianqi：农村土地承包业务办理 / case management for rural land contracts")
def main() -> None:
    pass


main.add_command(up.up)
main.add_command(up.migrate_command)
main.add_command(demo.demo)
main.add_command(exchange.demo_county)
main.add_command(exchange.group)
exchange.group.add_command(export.export)
main.add_command(process.group)
process.group.add_command(scenarios.scenarios)
process.group.add_command(backtest.backtest)
process.group.add_command(migration.migrate)
main.add_command(case.group)
main.add_command(register.group)
main.add_command(audit.group)
main.add_command(incidents.group)
main.add_command(seal.group)
main.add_command(stores.group)
main.add_command(stores.reconcile_command)
main.add_command(embedded_commands.group)

if __name__ == "__main__":
    main()
