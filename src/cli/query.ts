/** `inlet query`: one read-only SQL statement over the lake. */
import { Argument, Option } from 'commander'
import { InletError } from '../core/errors.ts'
import type { AddCommand } from './command-line.ts'
import { actionBehindTheDoor, examples } from './command-line.ts'
import { counted } from './text.ts'

const formats = ['table', 'csv', 'json'] as const
type Format = (typeof formats)[number]

export const addQuery: AddCommand = (program, shell) => {
  program
    .command('query')
    .summary('one read-only SQL statement over the lake')
    .description(
      'Runs one statement that only reads (SELECT, DESCRIBE, SHOW, EXPLAIN) over the tables of the lake: bronze.arrivals, and its views bronze.events, bronze.duplicates, bronze.dead_letters and bronze.notes. It sees what had been committed when it began; times are UTC.',
    )
    .addArgument(
      new Argument('<sql>', 'the statement, in the SQL of DuckDB; - reads it from stdin'),
    )
    .addOption(new Option('--format <format>', 'how the rows are printed').choices(formats))
    .addHelpText(
      'after',
      examples(
        'inlet query "SELECT event_type, count(*) FROM bronze.events GROUP BY ALL"',
        'inlet query --format csv "SELECT * FROM bronze.dead_letters" > dead-letters.csv',
        'inlet query --json "DESCRIBE bronze.arrivals"',
      ),
    )
    .action(
      actionBehindTheDoor(shell, async (invocation, command) => {
        const chosen = command.opts<{ format?: Format }>().format
        const format = chosen ?? (invocation.json ? 'json' : 'table')
        const [argument = ''] = command.args
        const sql = argument === '-' ? await shell.readInput() : argument
        if (sql.trim() === '')
          throw new InletError('INL_LAK_QUERY_REFUSED', { reason: 'it is empty' })
        const { config } = await invocation.config()
        const { openQueryAt } = await import('../app/lake-access.ts')
        const { formatCsv, formatJson, formatTable } = await import('../lake/format-result.ts')
        const session = await openQueryAt(shell.machine, config)
        try {
          const result = await session.query(sql, shell.stop)
          const write = { table: formatTable, csv: formatCsv, json: formatJson }[format]
          shell.stdout(write(result))
          if (format === 'table') invocation.remark(counted(result.rows.length, 'row'))
          return 0
        } finally {
          session.close()
        }
      }),
    )
}
