/**
 * Half hours of a time zone, as Genesys reports them. An interval is named by the moment at which
 * it begins, so that the hour that a clock turned back shows twice makes four intervals, and a zone
 * that is a quarter of an hour off begins its own at :15 and :45 of UTC.
 */
import { literal } from '../../lake/sql/quote.ts'

const halfHourUs = 1_800_000_000

/** The beginning of the half hour that the TIMESTAMPTZ `time` lies in. `zone` is an IANA name. */
export function halfHourSql(time: string, zone: string): string {
  const local = `epoch_us(${time} AT TIME ZONE ${literal(zone)})`
  const into = `(${local} % ${halfHourUs} + ${halfHourUs}) % ${halfHourUs}`
  return `${time} - to_microseconds(${into})`
}

/** The UTC day of a time. */
export function dayOfSql(time: string): string {
  return `(${time} AT TIME ZONE 'UTC')::DATE`
}
